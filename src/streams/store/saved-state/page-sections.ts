/** Pages of 4 KiB as sections of a saved state: each with its number, as many in a section as it holds. */
import { MAX_RAW_BYTES } from "../log/compression.js";
import type { Section, Sections } from "./sections.js";
import { StateError } from "./state-error.js";

const PAGE_BYTES = 4096;
const NUMBER_BYTES = 4;
const ENTRY_BYTES = NUMBER_BYTES + PAGE_BYTES;

export type NumberedPage = readonly [index: number, bytes: Uint8Array];

/** Named by `prefix` and a number. */
export const pageSections = (
  prefix: string,
  indices: readonly number[],
  bytesOf: (index: number) => Uint8Array,
): Sections =>
  split(prefix, indices, ENTRY_BYTES, (index, entry) => {
    writeNumber(entry, index);
    entry.set(bytesOf(index), NUMBER_BYTES);
  });

/** The numbers alone, for pages of which nothing else needs to be known. */
export const numberSections = (prefix: string, indices: readonly number[]): Sections =>
  split(prefix, indices, NUMBER_BYTES, (index, entry) => {
    writeNumber(entry, index);
  });

/** The pages of some sections, as they are read. @throws {StateError} for a page that can't be, or is there twice. */
export function* pagesIn(sections: Iterable<Section>, pageCount: number): Generator<NumberedPage> {
  for (const [index, entry] of entriesIn(sections, pageCount, ENTRY_BYTES)) yield [index, entry.slice(NUMBER_BYTES)];
}

/** @throws {StateError} as `pagesIn`. */
export function* numbersIn(sections: Iterable<Section>, pageCount: number): Generator<number> {
  for (const [index] of entriesIn(sections, pageCount, NUMBER_BYTES)) yield index;
}

const split = (
  prefix: string,
  indices: readonly number[],
  entryBytes: number,
  write: (index: number, entry: Uint8Array) => void,
): Sections => {
  const perSection = Math.floor(MAX_RAW_BYTES / entryBytes);
  return {
    count: Math.ceil(indices.length / perSection),
    *[Symbol.iterator]() {
      for (let first = 0; first < indices.length; first += perSection) {
        const some = indices.slice(first, first + perSection);
        const raw = new Uint8Array(some.length * entryBytes);
        some.forEach((index, place) => {
          write(index, raw.subarray(place * entryBytes, (place + 1) * entryBytes));
        });
        yield { name: `${prefix}${String(first / perSection)}`, raw };
      }
    },
  };
};

function* entriesIn(sections: Iterable<Section>, pageCount: number, entryBytes: number): Generator<NumberedPage> {
  const seen = new Set<number>();
  for (const { name, raw } of sections) {
    const invalid = (what: string): StateError => new StateError("INVALID", what, { section: name });
    if (raw.length % entryBytes !== 0) throw invalid("it holds a part of a page");
    for (let at = 0; at < raw.length; at += entryBytes) {
      const entry = raw.subarray(at, at + entryBytes);
      const index = new DataView(entry.buffer, entry.byteOffset, NUMBER_BYTES).getUint32(0, true);
      if (index >= pageCount) throw invalid(`page ${String(index)} of ${String(pageCount)}`);
      if (seen.has(index)) throw invalid(`page ${String(index)} is there twice`);
      seen.add(index);
      yield [index, entry];
    }
  }
}

const writeNumber = (entry: Uint8Array, index: number): void => {
  new DataView(entry.buffer, entry.byteOffset, NUMBER_BYTES).setUint32(0, index, true);
};
