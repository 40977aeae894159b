/**
 * The directory of a state index: which pages are stored, and for each state which pages changed since the one before.
 * It is read whole when the index is opened; the pages are not.
 *
 * Integers are LEB128. First the stored pages: their count, their digests (8 bytes each), then for each its space,
 * number and stored size. Then the states: their count, then for each seq, icount, whether it is whole, its hash (8
 * bytes), the chunks and the bytes of its parts, and for each space the changes: their count, then for each the
 * distance from the page before and where it is found.
 */
import { ByteWriter } from "../../../machine/byte-writer.js";
import type { PlainPosition } from "../../../reducers/position.js";
import { ByteReader, MalformedBytes } from "../log/bytes.js";
import { MAX_STORED_BYTES } from "../log/compression.js";

/** What a page belongs to: 0 is RAM, n is the machine's disk n - 1 in the order of slots. */
export type Space = number;

export interface StoredPage {
  readonly space: Space;
  readonly page: number;
  /** As in the state: it depends on the number. */
  readonly digest: bigint;
  readonly storedSize: number;
}

/** Where the content of a changed page is found. */
export const FOUND = {
  /** It is as in a machine without it: zeros in RAM, the image's on a disk. */
  absent: 0,
  /** A page of a disk that was overwritten with zeros. */
  zeros: 1,
  /** As in the state that the recording begins with. */
  start: 2,
  /** Stored page n is 3 + n. */
  stored: 3,
} as const;

export interface PageChange {
  readonly page: number;
  readonly found: number;
}

export interface DirectoryState {
  readonly position: PlainPosition;
  readonly isWhole: boolean;
  readonly hash: bigint;
  /** All of the state but its pages: in so many chunks, of so many bytes. */
  readonly partsChunks: number;
  readonly partsSize: number;
  /** For each space, by page. */
  readonly changes: readonly (readonly PageChange[])[];
}

export interface Directory {
  readonly pages: readonly StoredPage[];
  readonly states: readonly DirectoryState[];
}

/** What an entry takes at most, for a size that is known before it is written. */
export const PAGE_ENTRY_BYTES = 18;
export const CHANGE_ENTRY_BYTES = 10;
export const STATE_ENTRY_BYTES = 96;

export function encodeDirectory({ pages, states }: Directory): Uint8Array {
  const out = new ByteWriter();
  out.unsigned(pages.length);
  for (const { digest } of pages) out.append(eightBytes(digest));
  for (const { space, page, storedSize } of pages) {
    out.unsigned(space);
    out.unsigned(page);
    out.unsigned(storedSize);
  }
  out.unsigned(states.length);
  for (const { position, isWhole, hash, partsChunks, partsSize, changes } of states) {
    out.unsignedSafe(position.seq);
    out.unsignedSafe(position.icount);
    out.byte(isWhole ? 1 : 0);
    out.append(eightBytes(hash));
    out.unsigned(partsChunks);
    out.unsigned(partsSize);
    for (const ofSpace of changes) {
      out.unsigned(ofSpace.length);
      let before = 0;
      for (const { page, found } of ofSpace) {
        out.unsigned(page - before);
        out.unsigned(found);
        before = page;
      }
    }
  }
  return out.view();
}

/** `pageCounts`: of each space. @throws {MalformedBytes} where it is no directory for that machine. */
export function decodeDirectory(bytes: Uint8Array, pageCounts: readonly number[]): Directory {
  const input = new ByteReader(bytes);
  const pages = storedPages(input, pageCounts);
  const states = repeated(input, () => directoryState(input, pageCounts, pages.length));
  require(input.remaining === 0, "something follows the directory");
  states.forEach(({ position }, index) => {
    const before = states[index - 1]?.position;
    require(before === undefined ||
      (before.icount <= position.icount &&
        before.seq <= position.seq &&
        !isSame(before, position)), "the states are not in order");
  });
  return { pages, states };
}

function storedPages(input: ByteReader, pageCounts: readonly number[]): readonly StoredPage[] {
  const count = input.varint();
  const digests = input.bytes(count * DIGEST_BYTES);
  const view = new DataView(digests.buffer, digests.byteOffset, digests.byteLength);
  return Array.from({ length: count }, (_, index) => {
    const [space, page, storedSize] = [input.varint(), input.varint(), input.varint()];
    require(page < (pageCounts[space] ?? 0), "a page that the machine does not have");
    require(storedSize <= MAX_STORED_BYTES, "a page that is too large");
    return { space, page, storedSize, digest: view.getBigUint64(index * DIGEST_BYTES, true) };
  });
}

const DIGEST_BYTES = 8;

function directoryState(input: ByteReader, pageCounts: readonly number[], storedPages: number): DirectoryState {
  const [seq, icount, whole] = [input.varint(), input.varint(), input.byte()];
  require(whole <= 1, "a flag that is none");
  return {
    position: { seq, icount },
    isWhole: whole === 1,
    hash: hashIn(input),
    partsChunks: input.varint(),
    partsSize: input.varint(),
    changes: pageCounts.map((pageCount) => {
      let before = -1;
      return repeated(input, () => {
        const distance = input.varint();
        const page = Math.max(before, 0) + distance;
        require(page > before && page < pageCount, "a page that the machine does not have");
        before = page;
        const found = input.varint();
        require(found < FOUND.stored + storedPages, "a page that is not stored");
        return { page, found };
      });
    }),
  };
}

/** Each item takes bytes, so a count that is too large ends with them. */
function repeated<T>(input: ByteReader, read: () => T): readonly T[] {
  const count = input.varint();
  const items: T[] = [];
  while (items.length < count) items.push(read());
  return items;
}

function eightBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(DIGEST_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

function hashIn(input: ByteReader): bigint {
  const bytes = input.bytes(DIGEST_BYTES);
  return new DataView(bytes.buffer, bytes.byteOffset, DIGEST_BYTES).getBigUint64(0, true);
}

const isSame = (a: PlainPosition, b: PlainPosition): boolean => a.seq === b.seq && a.icount === b.icount;

function require(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new MalformedBytes(otherwise);
}
