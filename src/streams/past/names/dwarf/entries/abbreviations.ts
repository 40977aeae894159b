/** Abbreviation tables: the shapes that the entries of a unit have (DWARF 5, section 7.5.3). */
import type { Cursor } from "../file/cursor.js";
import type { Section } from "../file/section.js";
import { FORM } from "./constants.js";
import { bytesOfForm, type UnitFormat } from "./forms.js";

/** The largest units of known compilers have some hundreds. */
export const MAX_ABBREVIATIONS = 2 ** 16;
/** Attributes may take no bytes in an entry: their number bounds what reading one costs. */
export const MAX_ATTRIBUTES = 256;

export interface AttributeShape {
  readonly name: number;
  readonly form: number;
  /** Of DW_FORM_implicit_const. */
  readonly implicit: bigint;
  /** Where its value begins behind the entry's code; undefined: it takes reading those before it. */
  readonly at: number | undefined;
}

export interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly attributes: readonly AttributeShape[];
  readonly byName: ReadonlyMap<number, AttributeShape>;
  /** Of all attributes together; undefined: it takes reading them. */
  readonly fixedBytes: number | undefined;
}

export type Abbreviations = ReadonlyMap<number, Abbreviation>;

/** The table at an offset, as units of that format read it. @throws {DwarfError} */
export function readAbbreviations(section: Section, offset: number, format: UnitFormat): Abbreviations {
  const table = new Map<number, Abbreviation>();
  const cursor = section.cursor(offset);
  for (;;) {
    const code = cursor.uleb();
    if (code === 0) return table;
    if (table.size >= MAX_ABBREVIATIONS) throw cursor.error("TOO_LARGE", "there are too many abbreviations");
    const abbreviation = readAbbreviation(cursor, format);
    // The first of its code counts, as in other readers.
    if (!table.has(code)) table.set(code, abbreviation);
  }
}

function readAbbreviation(cursor: Cursor, format: UnitFormat): Abbreviation {
  const tag = cursor.uleb();
  const hasChildren = cursor.u8() !== 0;
  const attributes: AttributeShape[] = [];
  const byName = new Map<number, AttributeShape>();
  let at: number | undefined = 0;
  for (;;) {
    const name = cursor.uleb();
    const form = cursor.uleb();
    const implicit = form === FORM.implicit_const ? cursor.sleb64() : 0n;
    if (name === 0 && form === 0) return { tag, hasChildren, attributes, byName, fixedBytes: at };
    if (attributes.length >= MAX_ATTRIBUTES) throw cursor.error("TOO_LARGE", "an entry has too many attributes");
    const attribute = { name, form, implicit, at };
    attributes.push(attribute);
    if (!byName.has(name)) byName.set(name, attribute);
    const bytes = bytesOfForm(form, format);
    at = at === undefined || bytes === undefined ? undefined : at + bytes;
  }
}
