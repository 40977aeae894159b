// lz4js 0.2 ships no types. It verifies no checksum, and without `maxSize` it allocates what damaged input asks for.

declare module "lz4js" {
  const lz4: {
    /** One LZ4 frame: 7 bytes of header, one block per 4 MiB, 4 bytes of end mark; no checksums. */
    compress(source: Uint8Array, maxSize?: number): Uint8Array;
    /**
     * One block, into `target`; returns its length, and 0 where nothing could be made smaller. `table` has 65,536 entries, all 0.
     * Writes past the target are dropped in silence.
     */
    compressBlock(source: Uint8Array, target: Uint8Array, start: number, length: number, table: Uint32Array): number;
    /** Writes past `maxSize` are dropped in silence; the length is then wrong, not the memory. */
    decompress(source: Uint8Array, maxSize: number): Uint8Array;
  };
  export = lz4;
}
