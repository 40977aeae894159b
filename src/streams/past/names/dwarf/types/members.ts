/** The members of a structure or union, and where they lie (DWARF 5, sections 5.7.3 to 5.7.10). */
import type { Member, Type } from "../../type.js";
import { AT, TAG } from "../entries/constants.js";
import type { Entry } from "../entries/unit.js";

/** Members, in the order of the source. Base classes are members without a name, as are Rust's variants. */
export function membersOf(structure: Entry, typed: (member: Entry) => Type): readonly Member[] {
  return [...memberEntries(structure, 0)].flatMap((entry) => {
    const offsetBits = offsetOf(entry);
    if (offsetBits === undefined) return [];
    const name = entry.tag === TAG.member ? (entry.text(AT.name) ?? "") : "";
    const widthBits = entry.number(AT.bit_size);
    return [{ name, offsetBits, widthBits, type: () => typed(entry) }];
  });
}

/** Variants within each other: there is no more than one level in any known program. */
const VARIANT_LEVELS = 8;

function* memberEntries(parent: Entry, level: number): Generator<Entry> {
  for (const entry of parent.children()) {
    // What is declared in it but not in its bytes: static members.
    if (entry.tag === TAG.member && !entry.flag(AT.external) && !entry.flag(AT.declaration)) yield entry;
    else if (entry.tag === TAG.inheritance) yield entry;
    else if ((entry.tag === TAG.variant_part || entry.tag === TAG.variant) && level < VARIANT_LEVELS) {
      yield* memberEntries(entry, level + 1);
    }
  }
}

/** In bits from the start; undefined: only the running program knows it (a virtual base class). */
function offsetOf(entry: Entry): number | undefined {
  const bytes = byteOffset(entry);
  if (bytes === undefined) return undefined;
  const bits = entry.number(AT.data_bit_offset);
  if (bits !== undefined) return bytes * 8 + bits;
  const fromTop = entry.number(AT.bit_offset);
  if (fromTop === undefined) return bytes * 8;
  // DWARF 2 and 3 count from the highest bit of the unit that it is stored in.
  const storage = entry.number(AT.byte_size) ?? entry.entry(AT.type)?.number(AT.byte_size) ?? 0;
  return bytes * 8 + storage * 8 - fromTop - (entry.number(AT.bit_size) ?? 0);
}

const DW_OP_PLUS_UCONST = 0x23;

function byteOffset(entry: Entry): number | undefined {
  const location = entry.attribute(AT.data_member_location);
  if (location === undefined) return 0;
  if (location.kind === "constant") return Number(location.value);
  if (location.kind !== "block" || location.bytes[0] !== DW_OP_PLUS_UCONST) return undefined;
  // As DWARF 2 has it: the address of the structure, and an operation that adds to it.
  let value = 0;
  for (let index = 1, scale = 1; index < Math.min(location.bytes.length, 6); index++, scale *= 128) {
    value += (location.bytes[index]! & 0x7f) * scale;
  }
  return value;
}
