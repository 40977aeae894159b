/** The bytes of an image, wherever they are stored. A recording may carry them. */

export interface ImageContents {
  readonly sha256: string;
  readonly byteLength: number;
  /** Fills `target`. The range must lie within the image. Throws if the bytes can't be read. */
  read(offset: number, target: Uint8Array): void;
}

/** The contents of an image in memory. */
export const memoryContents = (sha256: string, bytes: Uint8Array): ImageContents => ({
  sha256,
  byteLength: bytes.length,
  read(offset, target) {
    target.set(bytes.subarray(offset, offset + target.length));
  },
});
