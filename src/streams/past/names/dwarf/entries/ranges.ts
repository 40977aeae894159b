/** The addresses that an entry has code at (DWARF 5, sections 2.17 and 7.25; .debug_ranges of DWARF 3 and 4). */
import type { Cursor } from "../file/cursor.js";
import type { Interval } from "../file/intervals.js";
import { AT } from "./constants.js";
import type { Entry, Unit } from "./unit.js";

/** A function in many pieces has some dozens; the unit of a whole kernel's file some thousands. */
export const MAX_RANGES = 2 ** 16;

/** Those that are not empty, as they are listed. None: it has no code. @throws {DwarfError} */
export function rangesOf(entry: Entry): readonly Interval[] {
  const { unit } = entry;
  const value = entry.attribute(AT.ranges);
  if (value === undefined) return lowToHigh(entry);
  const isNew = unit.header.version >= 5;
  const section = unit.section(isNew ? ".debug_rnglists" : ".debug_ranges");
  if (value.kind === "rangeListIndex") {
    const { offsetBytes } = unit.header;
    const base = unit.base(AT.rnglists_base, offsetBytes === 4 ? 12 : 20);
    const offset = section.cursor(base + value.index * offsetBytes).sectionOffset(offsetBytes);
    return readList(section.cursor(base + offset), unit, newEntry);
  }
  // DWARF 2 and 3 have no form of its own for it.
  const offset = value.kind === "sectionOffset" ? value.offset : value.kind === "constant" ? Number(value.value) : 0;
  return readList(section.cursor(offset), unit, isNew ? newEntry : oldEntry);
}

/** Where a unit's addresses count from. */
export const baseAddressOf = (unit: Unit): bigint => unit.root().address(AT.low_pc) ?? 0n;

function lowToHigh(entry: Entry): readonly Interval[] {
  const start = entry.address(AT.low_pc);
  if (start === undefined) return [];
  const high = entry.attribute(AT.high_pc);
  if (high === undefined) return [];
  // Since DWARF 4 it may be the length.
  const end = high.kind === "constant" ? start + high.value : (entry.address(AT.high_pc) ?? start);
  return end > start ? [{ start, end }] : [];
}

/** A range, a new base to count from, or the end. */
type ListEntry = Interval | { readonly base: bigint } | undefined;

function readList(
  cursor: Cursor,
  unit: Unit,
  readEntry: (cursor: Cursor, unit: Unit, base: bigint) => ListEntry,
): readonly Interval[] {
  const ranges: Interval[] = [];
  let base = baseAddressOf(unit);
  for (let read = 0; ; read++) {
    if (read > MAX_RANGES) throw cursor.error("TOO_LARGE", "a list has too many ranges");
    const entry = readEntry(cursor, unit, base);
    if (entry === undefined) return ranges;
    if ("base" in entry) base = entry.base;
    else if (entry.end > entry.start) ranges.push(entry);
  }
}

function oldEntry(cursor: Cursor, unit: Unit, base: bigint): ListEntry {
  const { addressBytes } = unit.header;
  const start = cursor.unsigned(addressBytes);
  const end = cursor.unsigned(addressBytes);
  if (start === 0n && end === 0n) return undefined;
  if (start === (1n << BigInt(addressBytes * 8)) - 1n) return { base: end };
  return { start: base + start, end: base + end };
}

const RLE = {
  end_of_list: 0,
  base_addressx: 1,
  startx_endx: 2,
  startx_length: 3,
  offset_pair: 4,
  base_address: 5,
  start_end: 6,
  start_length: 7,
};

function newEntry(cursor: Cursor, unit: Unit, base: bigint): ListEntry {
  const { addressBytes } = unit.header;
  const kind = cursor.u8();
  switch (kind) {
    case RLE.end_of_list:
      return undefined;
    case RLE.base_addressx:
      return { base: unit.addressOf(cursor.uleb()) };
    case RLE.base_address:
      return { base: cursor.unsigned(addressBytes) };
    case RLE.startx_endx:
      return { start: unit.addressOf(cursor.uleb()), end: unit.addressOf(cursor.uleb()) };
    case RLE.startx_length: {
      const start = unit.addressOf(cursor.uleb());
      return { start, end: start + cursor.uleb64() };
    }
    case RLE.offset_pair:
      return { start: base + cursor.uleb64(), end: base + cursor.uleb64() };
    case RLE.start_end:
      return { start: cursor.unsigned(addressBytes), end: cursor.unsigned(addressBytes) };
    case RLE.start_length: {
      const start = cursor.unsigned(addressBytes);
      return { start, end: start + cursor.uleb64() };
    }
    default:
      throw cursor.error("DAMAGED", `there is no kind ${String(kind)} of range`);
  }
}
