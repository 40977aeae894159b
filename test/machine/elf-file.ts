/** Makes small ELF files for the tests, right ones and wrong ones. */

export interface ElfFile {
  readonly entry?: bigint;
  readonly machine?: number;
  readonly type?: number;
  readonly segments: readonly {
    readonly physicalAddress: bigint;
    readonly virtualAddress?: bigint;
    readonly bytes: Uint8Array;
    readonly memoryBytes?: number;
    /** Loads the file from its first byte on, headers included, as linkers do; `bytes` then lie at the next 4 KiB. */
    readonly withHeaders?: boolean;
  }[];
  /** Where the dynamic section lies, in one of the segments. */
  readonly dynamic?: { readonly address: bigint };
}

export const elfFile = ({ entry = 0n, machine = 243, type = 2, segments, dynamic }: ElfFile): Uint8Array => {
  const offsets = segments.map((_, index) => 4096 * (index + 1));
  const bytes = new Uint8Array(Math.max(64, 4096 * segments.length + (segments.at(-1)?.bytes.length ?? 0)));
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, type, true);
  view.setUint16(18, machine, true);
  view.setBigUint64(24, entry, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, segments.length + (dynamic === undefined ? 0 : 1), true);
  for (const [index, segment] of segments.entries()) {
    const offset = segment.withHeaders === true ? 0 : offsets[index]!;
    const fileBytes = offsets[index]! - offset + segment.bytes.length;
    bytes.set(segment.bytes, offsets[index]);
    const row = 64 + 56 * index;
    view.setUint32(row, 1, true);
    view.setBigUint64(row + 8, BigInt(offset), true);
    view.setBigUint64(row + 16, segment.virtualAddress ?? segment.physicalAddress, true);
    view.setBigUint64(row + 24, segment.physicalAddress, true);
    view.setBigUint64(row + 32, BigInt(fileBytes), true);
    view.setBigUint64(row + 40, BigInt(segment.memoryBytes ?? fileBytes), true);
  }
  if (dynamic !== undefined) {
    const row = 64 + 56 * segments.length;
    view.setUint32(row, 2, true);
    view.setBigUint64(row + 16, dynamic.address, true);
  }
  return bytes;
};
