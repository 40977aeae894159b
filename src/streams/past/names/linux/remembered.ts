/**
 * What was worked out from ranges of RAM, kept for as long as somebody holds the pages of it: a page of a state never
 * changes, and states share those that were not written between them.
 */
import type { Ram, RamPage } from "../../../../machine/ram.js";

/** Addresses of whatever kind `PagesOf` understands. */
export interface MemoryRange {
  readonly start: bigint;
  readonly byteLength: number;
}

/** The pages that hold a range; undefined: not all of it is in RAM. */
export type PagesOf = (range: MemoryRange) => readonly number[] | undefined;

interface Entry<Value> {
  readonly subject: string;
  readonly ranges: readonly MemoryRange[];
  /** Undefined: a page of zeros. */
  readonly pages: readonly (RamPage | undefined)[];
  readonly value: Value;
}

export class Remembered<Value> {
  /** By the first page of the first range. */
  private readonly entries = new WeakMap<RamPage, Entry<Value>>();

  /**
   * `workOut` is asked where a range of it lies in other pages than when it was asked last, and where `subject`,
   * whatever else the value depends on, is another. Its first range must begin at `start`.
   */
  of(
    ram: Ram,
    pagesOf: PagesOf,
    start: bigint,
    subject: string,
    workOut: () => { readonly value: Value; readonly ranges: readonly MemoryRange[] },
  ): Value {
    const [first] = pagesOf({ start, byteLength: 1 }) ?? [];
    const key = first === undefined ? undefined : ram.page(first);
    const entry = key === undefined ? undefined : this.entries.get(key);
    if (entry?.subject === subject && isSame(entry.pages, pagesIn(ram, pagesOf, entry.ranges))) return entry.value;
    const { value, ranges } = workOut();
    if (key !== undefined) this.entries.set(key, { subject, value, ranges, pages: pagesIn(ram, pagesOf, ranges) });
    return value;
  }
}

const pagesIn = (ram: Ram, pagesOf: PagesOf, ranges: readonly MemoryRange[]): readonly (RamPage | undefined)[] =>
  ranges.flatMap((range) => (pagesOf(range) ?? []).map((index) => ram.page(index)));

const isSame = (before: readonly unknown[], now: readonly unknown[]): boolean =>
  before.length === now.length && before.every((page, index) => page === now[index]);
