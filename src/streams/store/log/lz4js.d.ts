// lz4js 0.2 has no types. It verifies no checksum. `decompress`, of whole frames, is not used: there damaged input says
// how much it allocates.

declare module "lz4js" {
  const lz4: {
    /** Makes one LZ4 frame: 7 bytes of header, one block per 4 MiB, 4 bytes of end mark. There are no checksums. */
    compress(source: Uint8Array, maxSize?: number): Uint8Array;
    /**
     * Writes one block to `target` and returns its length, or 0 if the block would not be smaller. `table` has 65,536
     * entries, all 0. Writes past the target are dropped silently.
     */
    compressBlock(source: Uint8Array, target: Uint8Array, start: number, length: number, table: Uint32Array): number;
    /**
     * Reads one block of `length` bytes at `start` and returns where it ends in `target`. Writes past the target are
     * dropped silently, and counted.
     */
    decompressBlock(source: Uint8Array, target: Uint8Array, start: number, length: number, end: number): number;
  };
  export = lz4;
}
