/** The lines that instructions are of, as somebody wrote them. */
import type { Bytes, CodeRow, Source } from "../protocol.js";
import { PageError } from "./cancelled.js";
import { fetched } from "./fetched.js";

/** Of one line. A machine may have written it. */
export const MAX_SOURCE_LINE_LETTERS = 400;

export class SourceTexts {
  private readonly here: ReadonlyMap<string, Bytes>;
  /** Each is read once: as many as whoever made the page let in. */
  private readonly read = new Map<string, Promise<readonly string[] | undefined>>();

  constructor({ sources = [] }: Pick<Source, "sources">) {
    this.here = new Map(sources.map((file) => [file.name, file.bytes]));
  }

  /** Each instruction with the text of its line. */
  async beside(rows: readonly CodeRow[]): Promise<readonly CodeRow[]> {
    return Promise.all(
      rows.map(async (row) => {
        const { file, lineNumber } = row;
        const lines = file === null ? undefined : await this.linesOf(file);
        const line = lineNumber === null ? undefined : lines?.[lineNumber - 1];
        return line === undefined ? row : { ...row, source: line.slice(0, MAX_SOURCE_LINE_LETTERS) };
      }),
    );
  }

  private linesOf(file: string): Promise<readonly string[] | undefined> {
    let lines = this.read.get(file);
    if (lines === undefined) this.read.set(file, (lines = this.open(file)));
    return lines;
  }

  private async open(file: string): Promise<readonly string[] | undefined> {
    const bytes = this.here.get(file);
    if (bytes === undefined) return undefined;
    try {
      return new TextDecoder().decode(await fetched(bytes, file)).split(/\r?\n/);
    } catch (fault) {
      // The moment is whole without it; the page says that no text is here.
      if (fault instanceof PageError) return undefined;
      throw fault;
    }
  }
}
