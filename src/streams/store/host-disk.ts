/** A disk image on the host. A machine reads it synchronously, and `prepare` fetches the bytes before. */
import type { DiskImage } from "../../machine/disk/disk-image.js";

export interface HostDisk extends DiskImage {
  /**
   * Fetches bytes, so that `read` will not wait for the host. Undefined if they are there already. Rejects with
   * DiskReadError if the host can't read them.
   */
  prepare(offset: number, length: number): Promise<void> | undefined;
  /** @throws {ImageError} if the file was changed after it was opened. */
  requireUnchanged(): void;
  /** Closes the file. A second call does nothing. */
  close(): void;
}

/** Runs `work`, which puts each disk that it opens into `opened`. If it throws, those disks are closed. */
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

/** An image in memory. */
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
