/** Pages of 4 KiB as sections of a saved state: each with its number, as many in a section as it holds. */
import { MAX_RAW_BYTES } from "../log/compression.js";
import type { Section } from "./sections.js";
import { StateError } from "./state-error.js";

const PAGE_BYTES = 4096;
const NUMBER_BYTES = 4;
const ENTRY_BYTES = NUMBER_BYTES + PAGE_BYTES;

export type NumberedPage = readonly [index: number, bytes: Uint8Array];

/** Named by `prefix` and a number. */
export function* pageSections(prefix: string, pages: readonly NumberedPage[]): Generator<Section> {
  yield* split(prefix, pages, ENTRY_BYTES, ([index, bytes], entry) => {
    writeNumber(entry, index);
    entry.set(bytes, NUMBER_BYTES);
  });
}

/** The numbers alone, for pages of which nothing else needs to be known. */
export function* numberSections(prefix: string, indices: readonly number[]): Generator<Section> {
  yield* split(prefix, indices, NUMBER_BYTES, (index, entry) => {
    writeNumber(entry, index);
  });
}

/** The pages of all sections with this prefix. @throws {StateError} for a page that can't be, or is there twice. */
export function pagesIn(sections: readonly Section[], prefix: string, pageCount: number): NumberedPage[] {
  return entriesIn(sections, prefix, pageCount, ENTRY_BYTES).map(([index, entry]) => [
    index,
    entry.slice(NUMBER_BYTES),
  ]);
}

/** @throws {StateError} as `pagesIn`. */
export const numbersIn = (sections: readonly Section[], prefix: string, pageCount: number): number[] =>
  entriesIn(sections, prefix, pageCount, NUMBER_BYTES).map(([index]) => index);

function* split<T>(
  prefix: string,
  items: readonly T[],
  entryBytes: number,
  write: (item: T, entry: Uint8Array) => void,
): Generator<Section> {
  const perSection = Math.floor(MAX_RAW_BYTES / entryBytes);
  for (let first = 0; first < items.length; first += perSection) {
    const some = items.slice(first, first + perSection);
    const raw = new Uint8Array(some.length * entryBytes);
    some.forEach((item, place) => {
      write(item, raw.subarray(place * entryBytes, (place + 1) * entryBytes));
    });
    yield { name: `${prefix}${String(first / perSection)}`, raw };
  }
}

function entriesIn(
  sections: readonly Section[],
  prefix: string,
  pageCount: number,
  entryBytes: number,
): NumberedPage[] {
  const seen = new Set<number>();
  return sections
    .filter(({ name }) => name.startsWith(prefix))
    .flatMap(({ name, raw }) => {
      const invalid = (what: string): StateError => new StateError("INVALID", what, { section: name });
      if (raw.length % entryBytes !== 0) throw invalid("it holds a part of a page");
      return Array.from({ length: raw.length / entryBytes }, (_, place): NumberedPage => {
        const entry = raw.subarray(place * entryBytes, (place + 1) * entryBytes);
        const index = new DataView(entry.buffer, entry.byteOffset, NUMBER_BYTES).getUint32(0, true);
        if (index >= pageCount) throw invalid(`page ${String(index)} of ${String(pageCount)}`);
        if (seen.has(index)) throw invalid(`page ${String(index)} is there twice`);
        seen.add(index);
        return [index, entry];
      });
    });
}

const writeNumber = (entry: Uint8Array, index: number): void => {
  new DataView(entry.buffer, entry.byteOffset, NUMBER_BYTES).setUint32(0, index, true);
};
