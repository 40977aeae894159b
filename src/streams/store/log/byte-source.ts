/** A recording as a source of bytes that can be read in pieces: a file, or bytes in memory. */

export interface ByteSource {
  /** For messages: the file's path. */
  readonly name?: string;
  /** The size when it was opened. A recording that still grows is read up to here. */
  readonly size: number;
  /** Returns exactly `length` bytes, which the caller may keep but not change. The range must lie within `size`. */
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
