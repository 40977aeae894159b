/** What `foldvm export` can write: a row for each form, which is also its option. */
import { at, output, printed, signals, switches, type Range } from "../streams/past/query/index.js";
import { patternOf } from "../streams/session/pattern-words.js";
import type { Recording } from "../streams/past/recording.js";
import { hex64 } from "../reducers/hex.js";
import { questionsOf, rowChoice } from "../streams/session/row-choice.js";
import {
  isEventRow,
  isWantedEvent,
  type QuestionsByKind,
  type StreamRow,
  type WantedEvents,
} from "../streams/rows/index.js";

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
  perfetto: {
    help: "tasks, harts, traps, system calls and requests as a trace for ui.perfetto.dev",
    of: "functions whose calls are slices too: a name or a /PATTERN/",
    async *write({ recording, range, of, rows }) {
      const { perfettoQuestion, toPerfetto } = await import("../streams/forms/index.js");
      const calls = of === undefined ? undefined : patternOf(of);
      yield* toPerfetto(rows({ perfetto: perfettoQuestion(recording, { calls, ...range }) }));
    },
  },
  firefox: {
    help: "a profile with stacks and symbols, for profiler.firefox.com",
    async *write({ recording, range, rows }) {
      const { firefoxQuestion, toFirefoxProfile } = await import("../streams/forms/index.js");
      const questions = {
        stacks: firefoxQuestion(recording, range),
        output: output(recording, range),
        switches: switches(recording, { needsLinux: false, ...range }),
      };
      yield* toFirefoxProfile(rows(questions));
    },
  },
  asciicast: {
    help: "the console as an asciicast, version 2, for asciinema",
    of: "a console, such as uart16550",
    async *write({ recording, range, of, rows }) {
      const { toAsciicast } = await import("../streams/forms/index.js");
      const startNs = range.from === undefined ? 0n : at(recording, range.from).ns;
      yield* toAsciicast(rows({ printed: printed(recording, { of, ...range }) }), { startNs });
    },
  },
  vcd: {
    help: "lines and registers of devices as a value change dump, for GTKWave",
    of: "signals such as uart16550, or a /PATTERN/",
    async *write({ recording, range, of, rows }) {
      const { toVcd } = await import("../streams/forms/index.js");
      const pattern = of === undefined ? undefined : patternOf(of);
      const endNs = at(recording, range.until).ns;
      yield* toVcd(rows({ signals: signals(recording, { of: pattern, ...range }) }), { endNs });
    },
  },
  cloudevents: {
    help: "events and what the consoles printed as CloudEvents 1.0, a line each",
    of: "other rows, as foldvm events --of takes them",
    async *write({ recording, range, of, rows }) {
      const { toCloudEvents } = await import("../streams/forms/index.js");
      const { events, asked } = rowChoice(of ?? "inputs,predicted,output");
      const all = rows(questionsOf({ events, asked }, recording, range));
      const options = { source: sourceOf(recording) };
      for await (const event of toCloudEvents(chosen(all, events), options)) yield `${JSON.stringify(event)}\n`;
    },
  },
} as const satisfies Readonly<Record<string, ExportForm>>;

async function* chosen(all: AsyncIterable<StreamRow>, events: WantedEvents): AsyncGenerator<StreamRow> {
  for await (const row of all) if (!isEventRow(row) || isWantedEvent(events, row.kind)) yield row;
}

/** The same recording has the same, wherever it lies. */
export const sourceOf = ({ log }: Recording): string => `urn:foldvm:recording:${hex64(log.identity)}`;
