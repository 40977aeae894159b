/**
 * What the page asks its worker, and what that answers: plain data that goes through `postMessage`. Positions and times
 * are numbers (exact up to 2^53: 104 days of guest time); addresses and registers are bigints. A text of the guest's is
 * a text, never HTML.
 */

/** `seq`: of the last event that has happened. `icount`: the instructions that have retired. */
export interface PagePosition {
  readonly seq: number;
  readonly icount: number;
}

/** `ns`: the guest's virtual clock. */
export interface PageInstant extends PagePosition {
  readonly ns: number;
}

/** An icount is before the events that stand there; a seq, right after that event; both, after it and run on. */
export type Where =
  | PagePosition
  | { readonly icount: number }
  | { readonly seq: number }
  | { readonly ns: number }
  /** A console is about to print the end of it. */
  | { readonly text: string }
  | { readonly snapshot: string };

/** Bytes, also compressed (DEFLATE) and as base64, or where they are fetched from. */
export type Bytes = Uint8Array | { readonly packed: Blob } | { readonly url: string };

/** A recording, and what its machine starts from. */
export interface Source {
  /** What it is called: a file's name. */
  readonly name: string;
  readonly recording: Bytes;
  /** By SHA-256. Those that the recording carries are not needed. */
  readonly images: Readonly<Record<string, Bytes>>;
  /** What is on its disks, by virtio slot: raw, whatever format and backing files they have on the host. */
  readonly disks?: Readonly<Record<number, Bytes>> | undefined;
  /** States of it, as `foldvm index` keeps them. */
  readonly index?: Bytes | undefined;
  /** ELF files with more names of the guest's program. */
  readonly symbols?: readonly { readonly name: string; readonly bytes: Bytes }[] | undefined;
  /** What its programs were compiled from, as their debugging information calls it. Read when it is looked at. */
  readonly sources?: readonly { readonly name: string; readonly bytes: Bytes }[] | undefined;
  /** A machine that runs, whose recording grows: where it says how far it is, and a WebSocket at its console. */
  readonly live?: { readonly status: { readonly url: string }; readonly console: { readonly url: string } } | undefined;
}

export interface ImageSummary {
  readonly role: string;
  readonly name: string;
  readonly sha256: string;
  readonly size: number;
  /** Whether its bytes are here. Without them there are events, and no moments. */
  readonly isHere: boolean;
}

export interface Summary {
  /** Its number in later requests: from 0, in the order of the sources. */
  readonly recording: number;
  readonly name: string;
  /** Of the run, 16 hexadecimal digits. */
  readonly digest: string;
  readonly harts: number;
  readonly memoryBytes: number;
  /** The machine in words: a name and a text, a row each. */
  readonly machine: readonly { readonly name: string; readonly text: string }[];
  readonly start: PageInstant;
  readonly end: PageInstant;
  /** Nobody waits long for the moment at its end: little is replayed up to there. */
  readonly isEndNear: boolean;
  readonly events: number;
  /** Types of events that it has, by how often. */
  readonly types: readonly { readonly type: string; readonly kind: EventKind; readonly count: number }[];
  /** Closed; else it ends with what was written whole. */
  readonly isComplete: boolean;
  readonly isLive: boolean;
  /** In words, as `guest powered off`; null: none is known. */
  readonly cause: string | null;
  readonly guestCode: number | null;
  readonly endHash: string | null;
  readonly images: readonly ImageSummary[];
  readonly snapshots: readonly (PageInstant & { readonly name: string })[];
  /** What it is a branch of; null: it was recorded live. */
  readonly parent: Parent | null;
}

/** A branch is its parent up to there. */
export interface Parent extends PagePosition {
  /** Of those that are open; null: that one is not. */
  readonly recording: number | null;
  readonly name: string;
  readonly digest: string;
  readonly changes: readonly string[];
}

export type EventKind = "input" | "predicted";
export type Axis = "icount" | "ns";

/** A part of the run, on an axis: from there, up to there. Without: all of it. */
export interface Window {
  readonly axis: Axis;
  readonly from: number;
  readonly until: number;
}

export interface DensityAnswer extends Window {
  /** Each has a count a bucket; `name` is an event's type, a device's (`uart16550/*`) is its parts' sum. */
  readonly series: readonly { readonly name: string; readonly kind: SeriesKind; readonly counts: Uint32Array }[];
  /**
   * How far the run is known: a survey goes through all of it once after it is opened. Traps and console lines behind
   * are not counted yet. 1: all.
   */
  readonly surveyed: number;
}

export type SeriesKind = EventKind | "console" | "interrupt" | "trap";

/** What rows of a window can be asked for. All but events and output take a replay of the window. */
export type RowKind = "events" | "output" | "traps" | "interrupts" | "syscalls" | "tasks" | "devices";

export interface PageRow extends PageInstant {
  readonly kind: RowKind | QueryKind;
  readonly hart: number | null;
  /** One line: what happened. */
  readonly text: string;
  /** An event's type, a trap's cause, a call's name, a console's port, a task's name. */
  readonly name: string;
  readonly pc: bigint | null;
  readonly function: string | null;
  /** `link.c:30` */
  readonly line: string | null;
  /** What else the row has, in words. */
  readonly details: readonly { readonly name: string; readonly text: string }[];
}

export type QueryKind = "writes" | "reads" | "visits" | "calls" | "traps" | "csrs" | "devices" | "changes" | "output";

/** A line of a console; the last one may not be whole. */
export interface ConsoleLine extends PageInstant {
  /** Where its first byte is in the console's bytes, and behind its last. */
  readonly start: number;
  readonly end: number;
}

export interface ConsoleAnswer {
  readonly port: string;
  /** As the guest sent them, terminal sequences too, from the `from` that was asked for. */
  readonly bytes: Uint8Array;
  readonly from: number;
  /** How many it had printed by then. */
  readonly length: number;
  /** Of what was answered. Its instant: the first byte of it was printed right then; clicking it leads there. */
  readonly lines: readonly ConsoleLine[];
  /** All ports that ever print here. */
  readonly ports: readonly string[];
  /** The survey has not come so far: there may be more. */
  readonly isPartial: boolean;
}

export interface RegisterRow {
  /** `a0`, `satp` */
  readonly name: string;
  /** `x10`, or what the CSR is for. */
  readonly alias: string;
  readonly value: bigint;
  /** What it points at, as `<main+4>`, or what its bits say. */
  readonly meaning: string | null;
  readonly isChanged: boolean;
}

export interface CodeRow {
  readonly address: bigint;
  /** As they lie in memory; empty: nothing is mapped there. */
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly symbol: string | null;
  readonly file: string | null;
  readonly lineNumber: number | null;
  /** The text of that line; null: no text of the file is here. */
  readonly source: string | null;
  readonly isPc: boolean;
}

export interface FrameRow {
  readonly pc: bigint;
  readonly function: string | null;
  readonly offset: number | null;
  readonly file: string | null;
  readonly lineNumber: number | null;
  readonly isInlined: boolean;
}

export interface VariableRow {
  readonly name: string;
  readonly type: string | null;
  readonly text: string;
  readonly isChanged: boolean;
  /** What `writes` and `whence` take; null: it has no place. */
  readonly place: string | null;
  /** Members or elements, as far as they are listed. */
  readonly parts: readonly VariableRow[];
}

export interface DeviceRow {
  readonly name: string;
  readonly fields: readonly { readonly name: string; readonly text: string; readonly isChanged: boolean }[];
}

export interface MemoryAsked {
  /** An address, or a name, or an expression, as `$sp+16`. */
  readonly of: string;
  readonly bytes: number;
}

export interface MemoryRows {
  readonly of: string;
  readonly address: bigint;
  /** `present[i]` is 0 where nothing is mapped, `changed[i]` is 1 where it was another before. */
  readonly bytes: Uint8Array;
  readonly present: Uint8Array;
  readonly changed: Uint8Array;
  /** Why there is nothing. */
  readonly fault: string | null;
}

export interface MomentAnswer extends PageInstant {
  readonly recording: number;
  /** Null: it was not asked for. */
  readonly hash: string | null;
  readonly hart: number;
  readonly pc: bigint;
  readonly privilege: "M" | "S" | "U";
  readonly function: string | null;
  /** Of a Linux guest. */
  readonly task: { readonly pid: number; readonly name: string } | null;
  /** Whether a Linux kernel's own names are known yet: once the survey has come to the end. */
  readonly names: "all" | "images";
  /** What `isChanged` is compared with. */
  readonly since: PagePosition | null;
  readonly registers: readonly RegisterRow[];
  readonly floats: readonly RegisterRow[];
  readonly csrs: readonly RegisterRow[];
  /** Around the place at which the frame is. */
  readonly code: readonly CodeRow[];
  readonly stack: readonly FrameRow[];
  /** The frame whose variables they are. */
  readonly frame: number;
  readonly variables: readonly VariableRow[];
  readonly globals: readonly VariableRow[];
  readonly devices: readonly DeviceRow[];
  readonly memory: readonly MemoryRows[];
}

export interface MomentAsked {
  readonly recording: number;
  readonly where: Where;
  /** Default: the one that executes. */
  readonly hart?: number | undefined;
  /** Default: 0, the innermost. */
  readonly frame?: number | undefined;
  /** Default: one instruction before; the moment that was looked at before, if that is wanted. */
  readonly since?: PagePosition | undefined;
  readonly memory?: readonly MemoryAsked[] | undefined;
  /** Instructions before and behind that of `frame`. Default: 8 and 16. */
  readonly codeBefore?: number | undefined;
  readonly codeBehind?: number | undefined;
  readonly hash?: boolean | undefined;
}

/**
 * `line`: the next one of the function; `into`: or of what it calls; `out`: behind the function's return, or back to the
 * call of it; `call`: the same forwards, and back to where the function began; `output`: where a console prints next.
 */
export type StepKind = "instruction" | "line" | "into" | "out" | "call" | "event" | "output";

export interface Stepped extends PagePosition {
  /** `beginning` and `end`: it came to an end of the recording. */
  readonly cause: "stepped" | "beginning" | "end";
}

/** What was found on the way back of a value. */
export interface WhenceRow extends PagePosition {
  readonly ns: number | null;
  /** How far from the root it is. */
  readonly depth: number;
  readonly text: string;
  /** Where it ends: `input`, `image`, `constant` ...; null: it goes on. */
  readonly end: string | null;
}

export interface DiffAnswer {
  readonly isSame: boolean;
  /** In words, a line each. */
  readonly text: readonly string[];
  /** The first event that differs, where it stands in each. */
  readonly event: { readonly a: PagePosition | null; readonly b: PagePosition | null } | null;
  /** The first instruction; null: they do not part. */
  readonly parting: { readonly a: PagePosition; readonly b: PagePosition } | null;
}

/**
 * Every request: what is asked, what is answered at last, and what comes in parts before. Each has a number, can be
 * cancelled, and may tell how far it is.
 */
export interface Requests {
  /** Comes first, once. Afterwards a survey goes through each of them in the background: see `survey`. */
  open: { ask: { readonly sources: readonly Source[] }; answer: readonly Summary[]; part: never };
  /** Tells how far the survey is, and answers when it is over. */
  survey: { ask: { readonly recording: number }; answer: { readonly surveyed: number }; part: never };
  density: {
    ask: { readonly recording: number; readonly window?: Window | undefined; readonly buckets: number };
    answer: DensityAnswer;
    part: never;
  };
  /** In order; `hasMore`: it was cut off by the limit. */
  rows: {
    ask: { readonly recording: number; readonly kind: RowKind; readonly window: Window; readonly limit: number };
    answer: { readonly rows: number; readonly hasMore: boolean };
    part: readonly PageRow[];
  };
  /** What it had printed by then. `from`: where the answer's bytes begin; negative: counted from the end. */
  console: {
    ask: {
      readonly recording: number;
      readonly until: Where;
      readonly port?: string | undefined;
      readonly from?: number | undefined;
    };
    answer: ConsoleAnswer;
    part: never;
  };
  /** Where a byte of a console was printed. */
  printed: {
    ask: { readonly recording: number; readonly port?: string | undefined; readonly offset: number };
    answer: PageInstant;
    part: never;
  };
  moment: { ask: MomentAsked; answer: MomentAnswer; part: never };
  /** The position alone, of wherever that is. */
  locate: { ask: { readonly recording: number; readonly where: Where }; answer: PageInstant; part: never };
  hash: { ask: { readonly recording: number; readonly where: Where }; answer: { readonly hash: string }; part: never };
  step: {
    ask: {
      readonly recording: number;
      readonly from: PagePosition;
      readonly kind: StepKind;
      readonly direction: "forward" | "back";
      readonly hart?: number | undefined;
    };
    answer: Stepped;
    part: never;
  };
  /** "Who wrote this?", "when was this called?": as `foldvm query` asks. `last`: the last so many before `until`. */
  query: {
    ask: {
      readonly recording: number;
      readonly kind: QueryKind;
      readonly of: string;
      readonly from?: Where | undefined;
      readonly until?: Where | undefined;
      readonly last?: number | undefined;
      readonly limit: number;
    };
    answer: { readonly rows: number; readonly hasMore: boolean };
    part: readonly PageRow[];
  };
  /** "Where does it come from?" `of`: a register or a place. The tree in order, parents before what they are from. */
  whence: {
    ask: { readonly recording: number; readonly where: Where; readonly of: string; readonly limit: number };
    answer: { readonly rows: number; readonly hasMore: boolean };
    part: readonly WhenceRow[];
  };
  diff: { ask: { readonly a: number; readonly b: number }; answer: DiffAnswer; part: never };
  /** Of one that grows: a part each time it has grown. Ends when the machine does, or when it is cancelled. */
  follow: { ask: { readonly recording: number }; answer: Summary; part: Summary };
  /** At the console of a machine that runs. */
  type: {
    ask: { readonly recording: number; readonly bytes: Uint8Array };
    answer: Record<string, never>;
    part: never;
  };
}

export type RequestName = keyof Requests;
export type Ask<Name extends RequestName> = Requests[Name]["ask"];
export type Answer<Name extends RequestName> = Requests[Name]["answer"];
export type Part<Name extends RequestName> = Requests[Name]["part"];

/** To the worker. */
export type ToWorker =
  | {
      readonly [Name in RequestName]: { readonly id: number; readonly name: Name; readonly ask: Ask<Name> };
    }[RequestName]
  | { readonly id: number; readonly cancel: true };

/** How far: `done` of `total` instructions. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** A fault is a value. `name`: `PositionError`, `PlaceError`, `Cancelled` ... */
export interface Fault {
  readonly name: string;
  readonly message: string;
}

/** From the worker. After `answer` or `fault` nothing more comes of that request. */
export type FromWorker =
  | { readonly id: number; readonly part: unknown }
  | { readonly id: number; readonly progress: Progress }
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly fault: Fault };
