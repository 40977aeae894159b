/** The requests that are ours beside the protocol's, and what they carry: for an editor's extension too. */

export const OWN_REQUESTS = {
  /** Of the thread: to the line before, without the calls that were made there. */
  stepBackOver: "foldvm/stepBackOver",
  /** To the line before, also in what was called there. */
  stepBackInto: "foldvm/stepBackInto",
  /** To where the function was called. */
  stepBackOut: "foldvm/stepBackOut",
  goTo: "foldvm/goTo",
  /** To the moment at which a line was printed. */
  goToOutput: "foldvm/goToOutput",
  where: "foldvm/where",
  /** The lines of the consoles, with their moments. */
  outputs: "foldvm/outputs",
  /** What a log point says over the whole recording, without going on. */
  logs: "foldvm/logs",
  history: "foldvm/history",
} as const;

/** Any place of a recording, as `at` of attach has it: an instruction count, `start`, a `Moment`, /TEXT/. */
export interface GoToArguments {
  readonly to: string;
}

/** A line that has this in it, or matches `/PATTERN/`: the last one before, or else the next one. */
export interface GoToOutputArguments {
  readonly text: string;
}

/** The lines of all consoles that have the text in them, or all; the first ones. */
export interface OutputsArguments {
  readonly text?: string;
  readonly count?: number;
}

export interface OutputsAnswer {
  readonly rows: readonly { readonly at: Moment; readonly port: string; readonly text: string }[];
}

/** A log point, at a line of a file, a function or an address. */
export interface LogsArguments {
  readonly source?: string;
  readonly line?: number;
  /** `link_read`, `main+0x68`, `0x80001000`. */
  readonly place?: string;
  readonly condition?: string;
  readonly logMessage: string;
  readonly count?: number;
}

export interface LogRow {
  readonly at: Moment;
  readonly text: string;
}

/** `SEQ@ICOUNT`. An output event has the one at which it was printed as `data.at`. */
export type Moment = string;

/** What was written to the place of an expression, the last first. */
export interface HistoryArguments {
  /** What lies in memory. */
  readonly expression: string;
  /** Left out: where the hart stands whose turn it is. */
  readonly frameId?: number;
  /** What was written before it. Left out: before where the machine stands. */
  readonly before?: Moment;
  readonly count?: number;
}

export interface HistoryAnswer {
  readonly rows: readonly HistoryRow[];
  /** For `before`, where there may be more. */
  readonly next?: Moment;
}

export interface HistoryRow {
  /** Before the instruction that writes. */
  readonly at: Moment;
  /** What it was. */
  readonly old: string;
  readonly new: string;
  /** Of a part: the member or the address that was written. */
  readonly part?: string;
  readonly function?: string;
  /** `link.c:30`. */
  readonly line?: string;
  readonly by: "hart" | "device" | "debugger";
  readonly hart: number;
}
