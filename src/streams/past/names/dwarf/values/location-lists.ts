/** The expression for where something is at an instruction (DWARF 5, section 2.6; .debug_loc of DWARF 2 to 4). */
import { baseAddressOf } from "../entries/ranges.js";
import type { Entry, Unit } from "../entries/unit.js";
import { AT } from "../entries/constants.js";
import type { Cursor } from "../file/cursor.js";
import type { Section } from "../file/section.js";
import type { Expression } from "./expression.js";

/** A variable in a long function has some hundreds. */
export const MAX_LOCATIONS = 2 ** 16;

/**
 * What an attribute of an entry (DW_AT_location, DW_AT_frame_base) says for an instruction. Undefined: nothing. @throws
 * {DwarfError}
 */
export function expressionAt(entry: Entry, attribute: number, pc: bigint): Expression | undefined {
  const { unit } = entry;
  const value = entry.attribute(attribute);
  switch (value?.kind) {
    case "block":
      return { bytes: value.bytes, offset: value.offset, section: unit.header.section };
    case "sectionOffset":
      return inList(unit, value.offset, pc);
    case "constant":
      // DWARF 2 and 3 have no form of its own for an offset.
      return unit.header.version < 4 ? inList(unit, Number(value.value), pc) : undefined;
    case "locationListIndex": {
      const { offsetBytes } = unit.header;
      const section = unit.section(".debug_loclists");
      const base = unit.base(AT.loclists_base, offsetBytes === 4 ? 12 : 20);
      return inList(unit, base + section.cursor(base + value.index * offsetBytes).sectionOffset(offsetBytes), pc);
    }
    default:
      return undefined;
  }
}

interface Listed {
  /** Undefined: whatever the address, where nothing else is told. */
  readonly range: { readonly start: bigint; readonly end: bigint } | undefined;
  readonly expression: Expression;
}

function inList(unit: Unit, offset: number, pc: bigint): Expression | undefined {
  const isNew = unit.header.version >= 5;
  const section = unit.section(isNew ? ".debug_loclists" : ".debug_loc");
  const cursor = section.cursor(offset);
  const list = { base: baseAddressOf(unit) };
  let otherwise: Expression | undefined;
  for (let read = 0; ; read++) {
    if (read > MAX_LOCATIONS) throw cursor.error("TOO_LARGE", "a list has too many locations");
    const listed = isNew ? newEntry(cursor, section, unit, list) : oldEntry(cursor, section, unit, list);
    if (listed === "end") return otherwise;
    if (listed === undefined) continue;
    if (listed.range === undefined) otherwise = listed.expression;
    else if (listed.range.start <= pc && pc < listed.range.end) return listed.expression;
  }
}

/** `list.base`: what addresses count from, which an entry may change. Undefined: it only did that. */
type List = { base: bigint };

function oldEntry(cursor: Cursor, section: Section, unit: Unit, list: List): Listed | "end" | undefined {
  const { addressBytes } = unit.header;
  const start = cursor.unsigned(addressBytes);
  const end = cursor.unsigned(addressBytes);
  if (start === 0n && end === 0n) return "end";
  if (start === (1n << BigInt(addressBytes * 8)) - 1n) {
    list.base = end;
    return undefined;
  }
  return { range: { start: list.base + start, end: list.base + end }, expression: expressionOf(cursor, section, 2) };
}

const LLE = {
  end_of_list: 0,
  base_addressx: 1,
  startx_endx: 2,
  startx_length: 3,
  offset_pair: 4,
  default_location: 5,
  base_address: 6,
  start_end: 7,
  start_length: 8,
  GNU_view_pair: 9,
};

function newEntry(cursor: Cursor, section: Section, unit: Unit, list: List): Listed | "end" | undefined {
  const { addressBytes } = unit.header;
  const kind = cursor.u8();
  switch (kind) {
    case LLE.end_of_list:
      return "end";
    case LLE.base_addressx:
      list.base = unit.addressOf(cursor.uleb());
      return undefined;
    case LLE.base_address:
      list.base = cursor.unsigned(addressBytes);
      return undefined;
    case LLE.GNU_view_pair:
      cursor.skipLeb();
      cursor.skipLeb();
      return undefined;
    case LLE.default_location:
      return { range: undefined, expression: expressionOf(cursor, section) };
    default: {
      const range = rangeOf(kind, cursor, unit, list.base);
      return { range, expression: expressionOf(cursor, section) };
    }
  }
}

function rangeOf(kind: number, cursor: Cursor, unit: Unit, base: bigint): { start: bigint; end: bigint } {
  const { addressBytes } = unit.header;
  switch (kind) {
    case LLE.startx_endx:
      return { start: unit.addressOf(cursor.uleb()), end: unit.addressOf(cursor.uleb()) };
    case LLE.startx_length: {
      const start = unit.addressOf(cursor.uleb());
      return { start, end: start + cursor.uleb64() };
    }
    case LLE.offset_pair:
      return { start: base + cursor.uleb64(), end: base + cursor.uleb64() };
    case LLE.start_end:
      return { start: cursor.unsigned(addressBytes), end: cursor.unsigned(addressBytes) };
    case LLE.start_length: {
      const start = cursor.unsigned(addressBytes);
      return { start, end: start + cursor.uleb64() };
    }
    default:
      throw cursor.error("DAMAGED", `there is no kind ${String(kind)} of location`);
  }
}

/** The length before it has 2 bytes in DWARF 2 to 4. */
function expressionOf(cursor: Cursor, section: Section, lengthBytes?: 2): Expression {
  const bytes = lengthBytes === undefined ? cursor.uleb() : cursor.u16();
  const { offset } = cursor;
  return { bytes: cursor.block(bytes), offset, section };
}
