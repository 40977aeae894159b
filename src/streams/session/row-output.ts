/** The rows of a machine that runs, as NDJSON to a place. */
import { Subscription } from "rxjs";

import { rowLine } from "../forms/ndjson.js";
import { openLineOutput, type LinePlace } from "../host/line-output.js";
import type { OutputError } from "../host/output-error.js";
import type { NameSource } from "../past/names/name-source.js";
import { LiveRows } from "../rows/index.js";
import type { OpenedMachine } from "./machine-options.js";
import { presentOf } from "./present-recording.js";
import { questionsOf, type RowChoice } from "./row-choice.js";

export interface RowOutputOptions {
  readonly place: LinePlace;
  readonly choice: RowChoice;
  /** The machine stands still while its reader is behind. Else the reader is told how many rows it missed. */
  readonly isWaitedFor: boolean;
  readonly symbols: readonly NameSource[];
  /** Hears why no more is written, once: of the host; undefined: its reader has gone. */
  readonly over: (fault: OutputError | undefined) => void;
}

export interface RowOutput {
  /** For the session. */
  readonly rows: LiveRows;
  /** Why not all was written; undefined: all was, or its reader has gone. */
  readonly fault: OutputError | undefined;
  /** Writes what waits. */
  end(): Promise<void>;
}

/** @throws {OptionError} @throws {PlaceError} @throws {OutputError} */
export async function rowOutput(opened: OpenedMachine, options: RowOutputOptions): Promise<RowOutput> {
  const { place, choice, isWaitedFor, symbols } = options;
  const questions = questionsOf(choice, presentOf(opened, symbols));
  let fault: OutputError | undefined;
  const read = new Subscription();
  const output = await openLineOutput(place, (cause) => {
    fault = cause;
    read.unsubscribe();
    options.over(cause);
  });
  const rows = new LiveRows(opened.machine, opened.probing);
  const rows$ = rows.rowsWhile(output, {
    events: choice.events,
    questions,
    whenFull: isWaitedFor ? "pause" : "gap",
  });
  let refused: { readonly thrown: unknown } | undefined;
  const written$ = rows$.subscribe({
    next: (row) => {
      output.write(`${rowLine(row)}\n`);
    },
    error: (cause: unknown) => {
      refused = { thrown: cause };
    },
  });
  read.add(written$);
  // What can't be asked is told before anything runs.
  if (refused !== undefined) {
    await output.end();
    throw refused.thrown;
  }
  return {
    rows,
    get fault() {
      return fault;
    },
    end: () => output.end(),
  };
}
