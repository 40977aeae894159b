/** What a disk holds before the guest has written to it: bytes that never change, read at once. */
export interface DiskImage {
  readonly byteLength: number;
  /**
   * Fills `target` with the bytes from `offset`; beyond the image's end they are zeros.
   * @throws {DiskReadError} where the host can't give them.
   */
  read(offset: number, target: Uint8Array): void;
}

/** The host failed to read an image. To the guest that is an I/O error only while a run is recorded: it is an event then. */
export class DiskReadError extends Error {
  override readonly name = "DiskReadError";
  readonly code = "DISK_UNREADABLE";
}
