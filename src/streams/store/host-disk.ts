/** A disk image on the host: what a machine reads at once, with a way to have it ready before. */
import type { DiskImage } from "../../machine/disk/disk-image.js";

export interface HostDisk extends DiskImage {
  /**
   * Fetches bytes, so that `read` will not wait for the host; undefined: they are there already. Rejects with
   * DiskReadError where the host can't give them.
   */
  prepare(offset: number, length: number): Promise<void> | undefined;
  /** @throws {ImageError} where somebody has changed the file since it was opened. */
  requireUnchanged(): void;
  /** Lets go of the file; a second call does nothing. */
  close(): void;
}

/** Does what may fail with disks open, `opened` being those so far: where it fails, they are closed. */
export function closingOnFailure<T>(work: (opened: HostDisk[]) => T): T {
  const opened: HostDisk[] = [];
  try {
    return work(opened);
  } catch (fault) {
    for (const disk of opened) disk.close();
    throw fault;
  }
}

export const closeAll = (disks: ReadonlyMap<number, HostDisk>): void => {
  for (const disk of disks.values()) disk.close();
};

/** An image that is in memory anyway. */
export const memoryDisk = (bytes: Uint8Array): HostDisk => ({
  byteLength: bytes.length,
  read(offset, target) {
    const there = bytes.subarray(offset, offset + target.length);
    target.set(there);
    target.fill(0, there.length);
  },
  prepare: () => undefined,
  requireUnchanged: () => undefined,
  close: () => undefined,
});
