/** Attribute values in their forms (DWARF 5, sections 7.5.5 and 7.5.6). */
import type { Cursor } from "../file/cursor.js";
import { FORM } from "./constants.js";

/** What the sizes of a unit's values depend on. */
export interface UnitFormat {
  readonly version: number;
  readonly addressBytes: number;
  readonly offsetBytes: 4 | 8;
}

export type AttributeValue =
  | { readonly kind: "address"; readonly address: bigint }
  /** An index into .debug_addr, .debug_str_offsets, .debug_loclists or .debug_rnglists, from the unit's base there. */
  | { readonly kind: "addressIndex" | "stringIndex" | "locationListIndex" | "rangeListIndex"; readonly index: number }
  /** `bits`: those that were written; 64 where the form is variable. It is signed where the form is. */
  | { readonly kind: "constant"; readonly value: bigint; readonly bits: number }
  | { readonly kind: "block"; readonly bytes: Uint8Array; readonly offset: number }
  | { readonly kind: "flag"; readonly isSet: boolean }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "textAt"; readonly section: ".debug_str" | ".debug_line_str"; readonly offset: number }
  /** An entry: from the start of its unit; from the start of .debug_info; of the type unit of that signature. */
  | { readonly kind: "inUnit" | "inSection"; readonly offset: number }
  | { readonly kind: "signature"; readonly signature: bigint }
  /** Into a section that the attribute's name tells. */
  | { readonly kind: "sectionOffset"; readonly offset: number }
  /** In another file (DW_FORM_strp_sup and its like): it is not read. */
  | { readonly kind: "elsewhere" };

/** How many bytes a value has; undefined: that takes reading it. */
export function bytesOfForm(form: number, { version, addressBytes, offsetBytes }: UnitFormat): number | undefined {
  switch (form) {
    case FORM.flag_present:
    case FORM.implicit_const:
      return 0;
    case FORM.data1:
    case FORM.flag:
    case FORM.ref1:
    case FORM.strx1:
    case FORM.addrx1:
      return 1;
    case FORM.data2:
    case FORM.ref2:
    case FORM.strx2:
    case FORM.addrx2:
      return 2;
    case FORM.strx3:
    case FORM.addrx3:
      return 3;
    case FORM.data4:
    case FORM.ref4:
    case FORM.strx4:
    case FORM.addrx4:
    case FORM.ref_sup4:
      return 4;
    case FORM.data8:
    case FORM.ref8:
    case FORM.ref_sig8:
    case FORM.ref_sup8:
      return 8;
    case FORM.data16:
      return 16;
    case FORM.addr:
      return addressBytes;
    case FORM.ref_addr:
      // DWARF 2 has it as large as an address.
      return version < 3 ? addressBytes : offsetBytes;
    case FORM.strp:
    case FORM.line_strp:
    case FORM.sec_offset:
    case FORM.strp_sup:
    case FORM.GNU_ref_alt:
    case FORM.GNU_strp_alt:
      return offsetBytes;
    default:
      return undefined;
  }
}

/** Goes past a value. @throws {DwarfError} */
export function skipForm(cursor: Cursor, form: number, format: UnitFormat): void {
  const bytes = bytesOfForm(form, format);
  if (bytes !== undefined) {
    cursor.skip(bytes);
    return;
  }
  switch (form) {
    case FORM.string:
      cursor.skipText();
      return;
    case FORM.sdata:
    case FORM.udata:
    case FORM.ref_udata:
    case FORM.strx:
    case FORM.addrx:
    case FORM.loclistx:
    case FORM.rnglistx:
      cursor.skipLeb();
      return;
    case FORM.exprloc:
    case FORM.block:
      cursor.skip(cursor.uleb());
      return;
    case FORM.block1:
      cursor.skip(cursor.u8());
      return;
    case FORM.block2:
      cursor.skip(cursor.u16());
      return;
    case FORM.block4:
      cursor.skip(cursor.u32());
      return;
    case FORM.indirect:
      skipForm(cursor, directForm(cursor), format);
      return;
    default:
      throw unknownForm(cursor, form);
  }
}

/** Reads a value. @throws {DwarfError} */
export function readForm(cursor: Cursor, form: number, implicit: bigint, format: UnitFormat): AttributeValue {
  switch (form) {
    case FORM.addr:
      return { kind: "address", address: cursor.unsigned(format.addressBytes) };
    case FORM.flag:
      return { kind: "flag", isSet: cursor.u8() !== 0 };
    case FORM.flag_present:
      return { kind: "flag", isSet: true };
    case FORM.string:
      return { kind: "text", text: cursor.text() };
    case FORM.strp:
      return { kind: "textAt", section: ".debug_str", offset: cursor.sectionOffset(format.offsetBytes) };
    case FORM.line_strp:
      return { kind: "textAt", section: ".debug_line_str", offset: cursor.sectionOffset(format.offsetBytes) };
    case FORM.sec_offset:
      return { kind: "sectionOffset", offset: cursor.sectionOffset(format.offsetBytes) };
    case FORM.ref_sig8:
      return { kind: "signature", signature: cursor.u64() };
    case FORM.indirect:
      return readForm(cursor, directForm(cursor), 0n, format);
    case FORM.ref_sup4:
    case FORM.ref_sup8:
    case FORM.strp_sup:
    case FORM.GNU_ref_alt:
    case FORM.GNU_strp_alt:
      skipForm(cursor, form, format);
      return { kind: "elsewhere" };
    default:
      return (
        constantOf(cursor, form, implicit) ??
        referenceOf(cursor, form, format) ??
        indexOf(cursor, form) ??
        blockOf(cursor, form)
      );
  }
}

function constantOf(cursor: Cursor, form: number, implicit: bigint): AttributeValue | undefined {
  switch (form) {
    case FORM.data1:
      return { kind: "constant", value: BigInt(cursor.u8()), bits: 8 };
    case FORM.data2:
      return { kind: "constant", value: BigInt(cursor.u16()), bits: 16 };
    case FORM.data4:
      return { kind: "constant", value: BigInt(cursor.u32()), bits: 32 };
    case FORM.data8:
      return { kind: "constant", value: cursor.u64(), bits: 64 };
    case FORM.data16:
      return { kind: "block", offset: cursor.offset, bytes: cursor.block(16) };
    case FORM.sdata:
      return { kind: "constant", value: cursor.sleb64(), bits: 64 };
    case FORM.udata:
      return { kind: "constant", value: cursor.uleb64(), bits: 64 };
    case FORM.implicit_const:
      return { kind: "constant", value: implicit, bits: 64 };
    default:
      return undefined;
  }
}

function referenceOf(cursor: Cursor, form: number, format: UnitFormat): AttributeValue | undefined {
  switch (form) {
    case FORM.ref1:
      return { kind: "inUnit", offset: cursor.u8() };
    case FORM.ref2:
      return { kind: "inUnit", offset: cursor.u16() };
    case FORM.ref4:
      return { kind: "inUnit", offset: cursor.u32() };
    case FORM.ref8:
      return { kind: "inUnit", offset: cursor.sectionOffset(8) };
    case FORM.ref_udata:
      return { kind: "inUnit", offset: cursor.uleb() };
    case FORM.ref_addr:
      return { kind: "inSection", offset: cursor.sectionOffset(bytesOfForm(form, format) ?? 4) };
    default:
      return undefined;
  }
}

function indexOf(cursor: Cursor, form: number): AttributeValue | undefined {
  switch (form) {
    case FORM.strx:
      return { kind: "stringIndex", index: cursor.uleb() };
    case FORM.strx1:
      return { kind: "stringIndex", index: cursor.u8() };
    case FORM.strx2:
      return { kind: "stringIndex", index: cursor.u16() };
    case FORM.strx3:
      return { kind: "stringIndex", index: cursor.u24() };
    case FORM.strx4:
      return { kind: "stringIndex", index: cursor.u32() };
    case FORM.addrx:
      return { kind: "addressIndex", index: cursor.uleb() };
    case FORM.addrx1:
      return { kind: "addressIndex", index: cursor.u8() };
    case FORM.addrx2:
      return { kind: "addressIndex", index: cursor.u16() };
    case FORM.addrx3:
      return { kind: "addressIndex", index: cursor.u24() };
    case FORM.addrx4:
      return { kind: "addressIndex", index: cursor.u32() };
    case FORM.loclistx:
      return { kind: "locationListIndex", index: cursor.uleb() };
    case FORM.rnglistx:
      return { kind: "rangeListIndex", index: cursor.uleb() };
    default:
      return undefined;
  }
}

function blockOf(cursor: Cursor, form: number): AttributeValue {
  const bytes = blockBytes(cursor, form);
  return { kind: "block", offset: cursor.offset, bytes: cursor.block(bytes) };
}

function blockBytes(cursor: Cursor, form: number): number {
  switch (form) {
    case FORM.exprloc:
    case FORM.block:
      return cursor.uleb();
    case FORM.block1:
      return cursor.u8();
    case FORM.block2:
      return cursor.u16();
    case FORM.block4:
      return cursor.u32();
    default:
      throw unknownForm(cursor, form);
  }
}

/** DW_FORM_indirect: the form stands before the value. One that says so again would never end. */
function directForm(cursor: Cursor): number {
  const form = cursor.uleb();
  if (form === FORM.indirect || form === FORM.implicit_const) throw unknownForm(cursor, form);
  return form;
}

const unknownForm = (cursor: Cursor, form: number) => cursor.error("DAMAGED", `there is no form ${String(form)}`);
