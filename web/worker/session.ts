/** What one page has open, and the work that goes on for it. */
import type { Progress, Source } from "../protocol.js";
import { PageError } from "./cancelled.js";
import { momentAt } from "./moment.js";
import { filesOf, Opened, PAGE_KEPT_BYTES } from "./opened.js";
import { Turns } from "./turns.js";

/** Each has machines and states of its own. */
export const MAX_PAGE_RECORDINGS = 16;

export class Session {
  readonly turns = new Turns();
  private all: readonly Opened[] | undefined;
  private readonly surveys: Promise<void>[] = [];

  get recordings(): readonly Opened[] {
    if (this.all === undefined) throw new PageError("nothing is open yet");
    return this.all;
  }

  /** @throws {PageError} @throws {LogError} */
  async open(sources: readonly Source[], signal: AbortSignal): Promise<readonly Opened[]> {
    if (this.all !== undefined) throw new PageError("this page has its recordings already: open another page");
    if (sources.length === 0 || sources.length > MAX_PAGE_RECORDINGS) {
      throw new PageError(
        `${String(sources.length)} recordings: a page shows 1 to ${String(MAX_PAGE_RECORDINGS)} of them`,
      );
    }
    const opened: Opened[] = [];
    for (const source of sources) {
      const files = await filesOf(source, signal);
      opened.push(await this.turns.run(Opened.of(source, files, PAGE_KEPT_BYTES / sources.length), { signal }));
    }
    this.all = opened;
    this.surveyAll(opened);
    return opened;
  }

  /** @throws {PageError} */
  recording(number: number): Opened {
    const opened = this.recordings[number];
    if (opened === undefined) throw new PageError(`there is no recording ${String(number)} in this page`);
    return opened;
  }

  /** When the survey is over. Rejects with what ended it early. */
  async surveyed(number: number, progress?: (progress: Progress) => void): Promise<{ readonly surveyed: number }> {
    const { survey, start, end } = this.recording(number);
    const telling = survey.progress$.subscribe((icount) => {
      progress?.({ done: icount - start.icount, total: end.icount - start.icount });
    });
    try {
      await this.surveys[number];
    } finally {
      telling.unsubscribe();
    }
    return { surveyed: survey.share };
  }

  /** One after the other: each takes all the time there is. */
  private surveyAll(recordings: readonly Opened[]): void {
    let before = Promise.resolve();
    for (const opened of recordings) {
      const survey = before.then(() => this.survey(opened));
      this.surveys.push(survey);
      before = survey.catch(() => undefined);
    }
  }

  /** Goes through what came since, too. */
  resurvey(number: number): void {
    const opened = this.recording(number);
    const survey = (this.surveys[number] ?? Promise.resolve()).then(() => this.survey(opened));
    // Who asks for it is told.
    survey.catch(() => undefined);
    this.surveys[number] = survey;
  }

  private async survey(opened: Opened): Promise<void> {
    await this.turns.run(opened.survey.steps());
    await this.turns.run(opened.learnNames());
    // Whoever looks at the first moment with all names does not wait until they are read.
    await this.turns.run(momentAt(opened, opened.end, { recording: 0, where: opened.end }));
  }
}
