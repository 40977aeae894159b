/** The pages of a state index, read as they are needed: near ones together, and each is checked. */
import { roomFor } from "../../../machine/page-room.js";
import type { ByteSource } from "../log/byte-source.js";
import { decompressInto } from "../log/compression.js";
import type { StoredPage } from "./directory.js";
import { StateIndexError } from "./state-index-error.js";

/** A system call takes about as long as copying so many bytes. */
const GAP_BYTES = 16 * 1024;
/** What is read at once. */
const RUN_BYTES = 1 << 20;

export class StoredPages {
  private readonly offsets: readonly number[];
  /** Where they end. */
  readonly end: number;

  constructor(
    private readonly source: ByteSource,
    readonly pages: readonly StoredPage[],
    start: number,
  ) {
    let end = start;
    this.offsets = pages.map(({ storedSize }) => {
      const offset = end;
      end += storedSize;
      return offset;
    });
    this.end = end;
  }

  /** Calls `take` with the bytes of each; they are not checked yet. @throws {StateIndexError} */
  read(numbers: readonly number[], pageBytes: number, take: (number: number, bytes: Uint8Array) => void): void {
    const sorted = [...numbers].sort((a, b) => a - b);
    const room = roomFor(pageBytes);
    for (let first = 0; first < sorted.length;) {
      const start = this.offsetOf(sorted[first] ?? 0);
      let next = first;
      let end = start;
      for (; next < sorted.length; next += 1) {
        const number = sorted[next] ?? 0;
        const offset = this.offsetOf(number);
        const beyond = offset + (this.pages[number]?.storedSize ?? 0);
        if (next > first && (offset > end + GAP_BYTES || beyond > start + RUN_BYTES)) break;
        end = beyond;
      }
      const run = this.source.read(start, end - start);
      for (const number of sorted.slice(first, next)) {
        const offset = this.offsetOf(number) - start;
        const stored = run.subarray(offset, offset + (this.pages[number]?.storedSize ?? 0));
        const bytes = room();
        if (!decompressInto(stored, bytes)) throw changedPage(this.pages[number]?.page ?? 0);
        take(number, bytes);
      }
      first = next;
    }
  }

  private offsetOf(number: number): number {
    return this.offsets[number] ?? 0;
  }
}

export const changedPage = (page: number): StateIndexError =>
  new StateIndexError("DAMAGED", `page ${String(page)} of a state was changed`);
