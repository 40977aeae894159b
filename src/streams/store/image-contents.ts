/** The bytes of an image, wherever they are: what a recording may carry along. */

export interface ImageContents {
  readonly sha256: string;
  readonly byteLength: number;
  /** Fills `target`; the range lies within the image. Throws where they can't be had. */
  read(offset: number, target: Uint8Array): void;
}

/** Of bytes that are in memory anyway. */
export const memoryContents = (sha256: string, bytes: Uint8Array): ImageContents => ({
  sha256,
  byteLength: bytes.length,
  read(offset, target) {
    target.set(bytes.subarray(offset, offset + target.length));
  },
});
