/** The answer about two states: rows for programs, some lines for people. */
import type { MachineState } from "../../../machine/state.js";
import { differenceLines, type Difference } from "./difference.js";
import { stateDifferences, type Scope } from "./states.js";
import { placeText, printed } from "./text.js";

/** Beyond so many, rows are no more counted. */
export const MAX_COUNTED_ROWS = 20_000;
/** Lines of a text. */
export const SHOWN_ROWS = 40;

export class StateDiff implements Iterable<Difference> {
  constructor(
    private readonly a: MachineState,
    private readonly b: MachineState,
    private readonly scope: Scope,
  ) {
    printed(this);
  }

  /** Compares anew each time, as far as it is read. */
  [Symbol.iterator](): Iterator<Difference> {
    return stateDifferences(this.a, this.b, this.scope);
  }

  get isSame(): boolean {
    return this[Symbol.iterator]().next().done === true;
  }

  /** The first of them, and how many there are more. */
  rows(limit: number): { readonly rows: readonly Difference[]; readonly more: number; readonly isCounted: boolean } {
    const rows: Difference[] = [];
    let all = 0;
    for (const row of this) {
      all += 1;
      if (rows.length < limit) rows.push(row);
      if (all > limit + MAX_COUNTED_ROWS) break;
    }
    const isCounted = all <= limit + MAX_COUNTED_ROWS;
    return { rows, more: Math.min(all - rows.length, MAX_COUNTED_ROWS), isCounted };
  }

  get text(): string {
    return this.textOf(SHOWN_ROWS);
  }

  /** With so many rows at most. */
  textOf(limit: number): string {
    const { rows, more, isCounted } = this.rows(limit);
    if (rows.length === 0 && more === 0) return "the states are the same";
    const count = `${isCounted ? "" : "more than "}${String(more)}`;
    const rest = more === 0 ? [] : [rows.length === 0 ? `the states differ; not shown: ${count}` : `and ${count} more`];
    return [
      `a: ${placeText(this.a.position)}`,
      `b: ${placeText(this.b.position)}`,
      ...differenceLines(rows, this.scope.names).map((line) => `  ${line}`),
      ...rest,
    ].join("\n");
  }

  toString(): string {
    return this.text;
  }

  toJSON(): object {
    return { isSame: this.isSame, ...this.rows(SHOWN_ROWS) };
  }
}
