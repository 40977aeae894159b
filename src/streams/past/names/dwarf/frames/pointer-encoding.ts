/** Addresses as .eh_frame writes them (LSB Core, section "DWARF Exception Header Encoding"). */
import type { Cursor } from "../file/cursor.js";

const FORMAT = {
  absptr: 0x0,
  uleb128: 0x1,
  udata2: 0x2,
  udata4: 0x3,
  udata8: 0x4,
  sleb128: 0x9,
  sdata2: 0xa,
  sdata4: 0xb,
  sdata8: 0xc,
};
const RELATIVE = { absolute: 0x00, pc: 0x10 };
const INDIRECT = 0x80;

/** `sectionAddress`: where the section is loaded. @throws {DwarfError} */
export function readPointer(cursor: Cursor, encoding: number, addressBytes: number, sectionAddress: bigint): bigint {
  const { offset } = cursor;
  const value = pointerSize(cursor, encoding, addressBytes);
  const relative = encoding & 0x70;
  if (relative === RELATIVE.pc) return BigInt.asUintN(64, value + sectionAddress + BigInt(offset));
  if (relative !== RELATIVE.absolute || (encoding & INDIRECT) !== 0) {
    throw cursor.error("UNSUPPORTED", `addresses are encoded as ${String(encoding)}, which is not read`);
  }
  return BigInt.asUintN(64, value);
}

/** The number alone: a size has the format of an address, and counts from nothing. */
export function pointerSize(cursor: Cursor, encoding: number, addressBytes: number): bigint {
  switch (encoding & 0xf) {
    case FORMAT.absptr:
      return cursor.unsigned(addressBytes);
    case FORMAT.uleb128:
      return cursor.uleb64();
    case FORMAT.sleb128:
      return cursor.sleb64();
    case FORMAT.udata2:
      return cursor.unsigned(2);
    case FORMAT.sdata2:
      return cursor.signed(2);
    case FORMAT.udata4:
      return cursor.unsigned(4);
    case FORMAT.sdata4:
      return cursor.signed(4);
    case FORMAT.udata8:
    case FORMAT.sdata8:
      return cursor.u64();
    default:
      throw cursor.error("DAMAGED", `there is no encoding ${String(encoding)} of addresses`);
  }
}
