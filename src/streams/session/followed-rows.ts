/** The rows of a recording that another process still writes: a machine replays it behind that one. */
import { statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { fromEvent, lastValueFrom, Subject, takeUntil, tap } from "rxjs";

import { Machine } from "../../machine/machine.js";
import { probedBy, Probing } from "../../machine/probing.js";
import { OptionError } from "../../options/option-error.js";
import type { PositionedEvent } from "../../reducers/events.js";
import { openLogFile } from "../host/log-file.js";
import type { Recording } from "../past/recording.js";
import { replay$ } from "../past/replayer.js";
import { LiveRows, onlyOfThePast, type StreamRow } from "../rows/index.js";
import type { Log } from "../store/log/index.js";
import { begunRecording, LOOK_MS, type FollowOptions } from "./followed-events.js";
import { openNames } from "./name-files.js";
import { presentOf } from "./present-recording.js";
import { questionsOf, type RowChoice } from "./row-choice.js";

/**
 * From the beginning on, in order, no faster than they are taken, until the recording is closed: a line that nothing
 * ended comes then. @throws {OptionError} for what can't be asked of a machine while it runs; and what `followEvents`
 * and a replay throw
 */
export async function* followRows(
  path: string,
  choice: RowChoice,
  options: FollowOptions = {},
): AsyncGenerator<StreamRow, void> {
  const recording = await begunRecording(path, options);
  const left = new AbortController();
  try {
    const { machine, live, rows } = asked(recording, choice);
    const replayed$ = new Subject<PositionedEvent>();
    replayed$.pipe(live.hear()).subscribe({ error: () => undefined });
    const read = rows[Symbol.asyncIterator]();
    void behind(path, options, left.signal, async (log) => {
      const until = log.end === undefined ? { seq: log.lastSeq } : undefined;
      const told$ = replay$(machine, log, until, { demand: live.demand }).pipe(
        tap((event) => {
          replayed$.next(event);
        }),
        takeUntil(fromEvent(left.signal, "abort")),
      );
      await lastValueFrom(told$, { defaultValue: undefined });
    }).then(
      () => {
        replayed$.complete();
      },
      (fault: unknown) => {
        replayed$.error(fault);
      },
    );
    yield* { [Symbol.asyncIterator]: () => read };
  } finally {
    left.abort();
    recording.close();
  }
}

/** A machine at its start, and what it will tell. */
function asked(recording: Recording, choice: RowChoice) {
  const probing = new Probing();
  const machine = recording.openMachine(
    (initial, options) => new Machine(initial, { ...options, ...probedBy(probing) }),
  );
  const { images, contents, disks, nameFiles } = recording;
  const opened = { machine, images, contents, disks, header: recording.log.header };
  const questions = questionsOf(choice, presentOf(opened, nameFiles.map(openNames)));
  const refused = onlyOfThePast(questions);
  if (refused.length > 0)
    throw new OptionError(
      `${refused.join(", ")}: this can't be asked of a recording while it is written; ask it once it is closed`,
    );
  const live = new LiveRows(machine, probing);
  return { machine, live, rows: live.rows({ events: choice.events, questions, whenFull: "pause" }) };
}

/** Calls `work` with what there is of it, each time that there is more, until it is closed. */
async function behind(
  path: string,
  { lookMs = LOOK_MS }: FollowOptions,
  signal: AbortSignal,
  work: (log: Log) => Promise<void>,
): Promise<void> {
  let seen = 0;
  for (let hasEnded = false; !hasEnded && !signal.aborted;) {
    const { size } = statSync(path);
    if (size !== seen) {
      const log = openLogFile(path);
      try {
        hasEnded = log.end !== undefined;
        await work(log);
      } finally {
        log.close();
      }
      seen = size;
    }
    if (!hasEnded) await sleep(lookMs, undefined, { signal });
  }
}
