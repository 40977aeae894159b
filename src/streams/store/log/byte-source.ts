/** Where a recording is read from, in pieces: a file, or bytes in memory. */

export interface ByteSource {
  /** For messages: the file's path. */
  readonly name?: string;
  /** As it was when opened: a recording that still grows is read up to here. */
  readonly size: number;
  /** Exactly `length` bytes, which the caller may keep but not change; the range must lie within the size. */
  read(offset: number, length: number): Uint8Array;
  close(): void;
}

export const bytesSource = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: (offset, length) => bytes.subarray(offset, offset + length),
  close() {
    // Nothing to release.
  },
});
