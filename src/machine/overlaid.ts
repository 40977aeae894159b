/** Memory as it will be: with bytes that are about to be stored, over those that are there. */

/** Bytes from an address on. */
export interface BytesAt {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** The bytes, with what lies over them put into their place. */
export function overlaid({ address, bytes }: BytesAt, overlays: readonly BytesAt[]): Uint8Array {
  for (const over of overlays) {
    const from = Math.max(address, over.address);
    const end = Math.min(address + bytes.length, over.address + over.bytes.length);
    if (from < end) bytes.set(over.bytes.subarray(from - over.address, end - over.address), from - address);
  }
  return bytes;
}
