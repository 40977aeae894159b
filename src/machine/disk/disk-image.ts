/** The initial content of a disk: bytes that never change, read synchronously. */
export interface DiskImage {
  readonly byteLength: number;
  /**
   * Fills `target` with the bytes from `offset`. Beyond the image's end they are zeros.
   * @throws {DiskReadError} if the host can't read them.
   */
  read(offset: number, target: Uint8Array): void;
}

/**
 * The host failed to read an image. While recording, it becomes an event, and the guest gets an I/O error. A replay can
 * only fail.
 */
export class DiskReadError extends Error {
  override readonly name = "DiskReadError";
  readonly code = "DISK_UNREADABLE";
}
