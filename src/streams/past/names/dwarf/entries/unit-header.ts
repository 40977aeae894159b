/** What stands before the entries of a unit (DWARF 5, section 7.5.1; the same section of DWARF 2 to 4). */
import type { Section } from "../file/section.js";
import type { UnitFormat } from "./forms.js";

export interface UnitHeader extends UnitFormat {
  /** .debug_info, or .debug_types of DWARF 4. */
  readonly section: Section;
  readonly offset: number;
  /** Where the next unit begins. */
  readonly end: number;
  readonly abbreviationsAt: number;
  /** Where its first entry begins. */
  readonly entriesAt: number;
  /** Of a type unit. */
  readonly typeUnit: { readonly signature: bigint; /** In the unit. */ readonly typeAt: number } | undefined;
}

const UT = { compile: 1, type: 2, partial: 3, skeleton: 4, split_compile: 5, split_type: 6 };

/** @throws {DwarfError} */
export function readUnitHeader(section: Section, offset: number): UnitHeader {
  const cursor = section.cursor(offset);
  const { length, offsetBytes } = cursor.initialLength();
  const end = cursor.offset + length;
  if (end > section.size) {
    throw section.error(
      "DAMAGED",
      offset,
      `a unit ends at ${String(end)}, behind the section's ${String(section.size)}`,
    );
  }
  const version = cursor.u16();
  if (version < 2 || version > 5) {
    throw section.error("UNSUPPORTED", offset, `a unit is of DWARF ${String(version)}, and 2 to 5 are read`);
  }
  const kind = version >= 5 ? cursor.u8() : section.name === ".debug_types" ? UT.type : UT.compile;
  let addressBytes = version >= 5 ? cursor.u8() : 0;
  const abbreviationsAt = cursor.sectionOffset(offsetBytes);
  if (version < 5) addressBytes = cursor.u8();
  if (addressBytes !== 8 && addressBytes !== 4) {
    throw section.error("DAMAGED", offset, `a unit has addresses of ${String(addressBytes)} bytes`);
  }
  const isTypeUnit = kind === UT.type || kind === UT.split_type;
  const typeUnit = isTypeUnit ? { signature: cursor.u64(), typeAt: cursor.sectionOffset(offsetBytes) } : undefined;
  if (kind === UT.skeleton || kind === UT.split_compile) cursor.skip(8);
  const entriesAt = cursor.offset;
  if (entriesAt > end) throw section.error("DAMAGED", offset, "a unit ends within its header");
  return { section, offset, end, version, addressBytes, offsetBytes, abbreviationsAt, entriesAt, typeUnit };
}
