/** A position-independent ELF program as if it had been linked for another address. */

const DYNAMIC_POINTERS = [4n, 5n, 6n, 7n, 0x6fff_fef5n];
const [PT_DYNAMIC, ROW, RELA] = [2, 56, 24];

/** `words` are file offsets of further addresses that the program holds in its code. */
export function rebased(file: Uint8Array, by: bigint, words: readonly number[] = []): Uint8Array {
  const bytes = file.slice();
  const view = new DataView(bytes.buffer);
  const add = (offset: number): void => {
    view.setBigUint64(offset, BigInt.asUintN(64, view.getBigUint64(offset, true) + by), true);
  };
  const rows = Array.from({ length: view.getUint16(56, true) }, (_, index) => 64 + index * ROW);
  const segments = rows.map((row) => ({
    offset: Number(view.getBigUint64(row + 8, true)),
    address: view.getBigUint64(row + 16, true),
    bytes: view.getBigUint64(row + 32, true),
    row,
  }));
  const offsetOf = (address: bigint): number => {
    const home = segments.find((one) => address >= one.address && address < one.address + one.bytes);
    if (home === undefined) throw new Error("no such address");
    return home.offset + Number(address - home.address);
  };
  const dynamic = segments.find(({ row }) => view.getUint32(row, true) === PT_DYNAMIC);
  const tags = new Map<bigint, bigint>();
  for (let at = dynamic?.offset ?? 0; view.getBigUint64(at, true) !== 0n; at += 16) {
    const tag = view.getBigUint64(at, true);
    tags.set(tag, view.getBigUint64(at + 8, true));
    if (DYNAMIC_POINTERS.includes(tag)) add(at + 8);
  }
  const first = offsetOf(tags.get(7n) ?? 0n);
  for (let at = first; at < first + Number(tags.get(8n) ?? 0n); at += RELA) {
    add(at);
    add(at + 16);
  }
  for (const { row } of segments) {
    if (view.getUint32(row, true) > PT_DYNAMIC) continue;
    add(row + 16);
    add(row + 24);
  }
  add(24);
  for (const word of words) add(word);
  view.setUint16(16, 3, true);
  return bytes;
}
