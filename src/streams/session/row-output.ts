/** The rows of a machine that runs, to wherever they go. */
import type { NameSource } from "../past/names/name-source.js";
import { LiveRows } from "../rows/index.js";
import type { OpenedMachine } from "./machine-options.js";
import { presentOf } from "./present-recording.js";
import { questionsOf, type RowChoice } from "./row-choice.js";
import type { RowSink } from "./row-sinks.js";

export interface RowOutputOptions {
  readonly choice: RowChoice;
  /** The machine stands still while a sink is behind. Else that one is told how many rows it missed. */
  readonly isWaitedFor: boolean;
  readonly symbols: readonly NameSource[];
}

/** What the session is to hear. @throws {OptionError} @throws {PlaceError} before anything runs */
export function rowOutput(
  opened: OpenedMachine,
  sinks: readonly RowSink[],
  { choice, isWaitedFor, symbols }: RowOutputOptions,
): LiveRows {
  const questions = questionsOf(choice, presentOf(opened, symbols));
  const live = new LiveRows(opened.machine, opened.probing);
  const whenFull = isWaitedFor ? "pause" : "gap";
  for (const sink of sinks) {
    let refused: { readonly thrown: unknown } | undefined;
    live.rowsWhile(sink.demand, { events: choice.events, questions, whenFull }).subscribe({
      next: (row) => {
        sink.take(row);
      },
      error: (thrown: unknown) => {
        refused = { thrown };
      },
    });
    if (refused !== undefined) throw refused.thrown;
  }
  return live;
}
