/** What `foldvm export` can write: a row for each form, which is also its option. */
import { at, printed, type Range } from "../streams/past/query/index.js";
import type { Recording } from "../streams/past/recording.js";
import type { QuestionsByKind, StreamRow } from "../streams/rows/index.js";

/** What is exported, and how it is read. */
export interface Exported {
  readonly recording: Recording;
  readonly range: Range;
  /** `--of`: which part of what the form has. */
  readonly of: string | undefined;
  /** The range's events, and what these questions find. They end where a signal comes, and tell how far they are. */
  readonly rows: (questions: QuestionsByKind) => AsyncIterable<StreamRow>;
}

export interface ExportForm {
  /** Of its option. */
  readonly help: string;
  /** What `--of` names; absent: it takes none. */
  readonly of?: string;
  /** The file, as it comes. Its code is loaded when it is asked for: no other command needs it. */
  write(exported: Exported): AsyncIterable<string | Uint8Array>;
}

export const EXPORT_FORMS = {
  asciicast: {
    help: "the console as an asciicast, version 2, for asciinema",
    of: "a console, such as uart16550",
    async *write({ recording, range, of, rows }) {
      const { toAsciicast } = await import("../streams/forms/index.js");
      const startNs = range.from === undefined ? 0n : at(recording, range.from).ns;
      yield* toAsciicast(rows({ printed: printed(recording, { of, ...range }) }), { startNs });
    },
  },
} as const satisfies Readonly<Record<string, ExportForm>>;
