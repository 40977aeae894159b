/** Where the pages of RAM lie in a core: one after the other, without long runs of zeros. */
import { RAM_PAGE_BYTES, type Ram } from "../../../machine/ram.js";

/** A part of RAM. `dataBytes` of it are in the file, and the rest are zeros. Together they are all of RAM. */
export interface Stretch {
  /** From the start of RAM. */
  readonly ramOffset: number;
  readonly bytes: number;
  readonly dataBytes: number;
  /** From where the first one lies in the file. */
  readonly dataOffset: number;
}

/** Each stretch costs a program header at least, so short runs of zeros are written. */
const HOLE_PAGES = 256;

export function stretchesOf(ram: Ram): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let dataOffset = 0;
  let [first, end] = [0, 0];
  const close = (next: number): void => {
    const [ramOffset, dataBytes] = [first * RAM_PAGE_BYTES, (end - first) * RAM_PAGE_BYTES];
    if (next > first) {
      stretches.push({ ramOffset, bytes: (next - first) * RAM_PAGE_BYTES, dataBytes, dataOffset });
    }
    dataOffset += dataBytes;
    first = next;
  };
  for (const page of ram.pageIndices()) {
    if (page - end >= HOLE_PAGES) close(page);
    end = page + 1;
  }
  close(ram.pageCount);
  return stretches;
}
