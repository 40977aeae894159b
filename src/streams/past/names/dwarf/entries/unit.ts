/** A unit of .debug_info and its entries, which form a tree (DWARF 5, chapter 2 and section 7.5). */
import type { Cursor } from "../file/cursor.js";
import type { DwarfError, DwarfErrorCode } from "../file/dwarf-error.js";
import type { Section } from "../file/section.js";
import type { Abbreviation, Abbreviations } from "./abbreviations.js";
import { AT } from "./constants.js";
import { readForm, skipForm, type AttributeValue } from "./forms.js";
import type { UnitHeader } from "./unit-header.js";

/** An entry may stand for another one, as a call does for an inlined function, and that for its declaration. */
export const MAX_ORIGINS = 16;

/** What a unit needs of the others, and of the file. */
export interface Surroundings {
  find(section: string): Section | undefined;
  /** The entry at an offset of .debug_info. @throws {DwarfError} */
  entryAt(offset: number): Entry;
  /** The type of a type unit; undefined: there is none of that signature. */
  typeOfSignature(signature: bigint): Entry | undefined;
}

export class Unit {
  private readonly cursor: Cursor;
  private readonly bases = new Map<number, number>();

  constructor(
    readonly header: UnitHeader,
    private readonly abbreviations: Abbreviations,
    readonly surroundings: Surroundings,
  ) {
    this.cursor = header.section.cursor(header.entriesAt, header.end);
  }

  /** The unit's own entry. */
  root(): Entry {
    const root = this.entry(this.header.entriesAt);
    if (root === undefined) throw this.error(this.header.entriesAt, "a unit has no entry");
    return root;
  }

  /** The entry at an offset of the section; undefined: there ends a list of siblings. @throws {DwarfError} */
  entry(offset: number): Entry | undefined {
    const code = this.at(offset).uleb();
    if (code === 0) return undefined;
    return new Entry(this, offset, this.abbreviation(code, offset), this.cursor.offset);
  }

  /** A cursor of this unit, at an offset of the section. It is good until the next call. */
  at(offset: number): Cursor {
    return this.cursor.goTo(offset);
  }

  /** Where the attributes end that begin at an offset. */
  attributesEnd(offset: number, { attributes, fixedBytes }: Abbreviation): number {
    if (fixedBytes !== undefined) return offset + fixedBytes;
    const cursor = this.at(offset);
    for (const { form } of attributes) skipForm(cursor, form, this.header);
    return cursor.offset;
  }

  /** Where the siblings end that begin at an offset: behind the entry that ends them. */
  siblingsEnd(offset: number): number {
    let at = offset;
    for (let depth = 1; depth > 0;) {
      const code = this.at(at).uleb();
      const attributesAt = this.cursor.offset;
      at = attributesAt;
      if (code === 0) {
        depth -= 1;
        continue;
      }
      const abbreviation = this.abbreviation(code, at);
      const sibling = new Entry(this, at, abbreviation, attributesAt).sibling();
      at = sibling ?? this.attributesEnd(attributesAt, abbreviation);
      if (sibling === undefined && abbreviation.hasChildren) depth += 1;
    }
    return at;
  }

  /** An address from .debug_addr. */
  addressOf(index: number): bigint {
    const { addressBytes } = this.header;
    const section = this.section(".debug_addr");
    const offset = this.base(AT.addr_base, 8) + index * addressBytes;
    return section.cursor(offset).unsigned(addressBytes);
  }

  text(value: AttributeValue): string | undefined {
    if (value.kind === "text") return value.text;
    if (value.kind === "textAt") return this.section(value.section).text(value.offset);
    if (value.kind !== "stringIndex") return undefined;
    const { offsetBytes } = this.header;
    const offset = this.base(AT.str_offsets_base, offsetBytes * 2) + value.index * offsetBytes;
    return this.section(".debug_str").text(
      this.section(".debug_str_offsets").cursor(offset).sectionOffset(offsetBytes),
    );
  }

  /** Where this unit's part of a section begins, by the attribute of its own entry that says so. */
  base(attribute: number, otherwise: number): number {
    let base = this.bases.get(attribute);
    if (base === undefined) {
      const value = this.root().attribute(attribute);
      base = value?.kind === "sectionOffset" ? value.offset : otherwise;
      this.bases.set(attribute, base);
    }
    return base;
  }

  section(name: string): Section {
    const section = this.surroundings.find(name);
    if (section === undefined) throw this.error(this.header.offset, `a unit needs ${name}, which is not there`);
    return section;
  }

  error(offset: number, what: string, code: DwarfErrorCode = "DAMAGED"): DwarfError {
    return this.header.section.error(code, offset, what);
  }

  private abbreviation(code: number, offset: number): Abbreviation {
    const abbreviation = this.abbreviations.get(code);
    if (abbreviation === undefined) throw this.error(offset, `abbreviation ${String(code)} is not in its table`);
    return abbreviation;
  }
}

/** A debugging information entry: a tag, attributes, and entries below it. */
export class Entry {
  private nextAt: number | undefined;

  constructor(
    readonly unit: Unit,
    /** In the section. */
    readonly offset: number,
    private readonly abbreviation: Abbreviation,
    private readonly attributesAt: number,
  ) {}

  get tag(): number {
    return this.abbreviation.tag;
  }

  has(name: number): boolean {
    return this.abbreviation.byName.has(name);
  }

  /** Undefined: it has no such attribute. @throws {DwarfError} */
  attribute(name: number): AttributeValue | undefined {
    const attribute = this.abbreviation.byName.get(name);
    if (attribute === undefined) return undefined;
    const { header } = this.unit;
    const cursor = this.unit.at(this.attributesAt + (attribute.at ?? 0));
    if (attribute.at === undefined) {
      for (const one of this.abbreviation.attributes) {
        if (one === attribute) break;
        skipForm(cursor, one.form, header);
      }
    }
    return readForm(cursor, attribute.form, attribute.implicit, header);
  }

  text(name: number): string | undefined {
    const value = this.attribute(name);
    return value && this.unit.text(value);
  }

  flag(name: number): boolean {
    const value = this.attribute(name);
    return value?.kind === "flag" && value.isSet;
  }

  /** As it is written: data forms are unsigned. */
  constant(name: number): bigint | undefined {
    const value = this.attribute(name);
    return value?.kind === "constant" ? value.value : undefined;
  }

  number(name: number): number | undefined {
    const value = this.constant(name);
    return value === undefined ? undefined : Number(value);
  }

  address(name: number): bigint | undefined {
    const value = this.attribute(name);
    if (value?.kind === "addressIndex") return this.unit.addressOf(value.index);
    return value?.kind === "address" ? value.address : undefined;
  }

  /** The entry that an attribute refers to; undefined: none, or it is in another file. */
  entry(name: number): Entry | undefined {
    const value = this.attribute(name);
    const { unit } = this;
    switch (value?.kind) {
      case "inUnit": {
        const offset = unit.header.offset + value.offset;
        if (offset < unit.header.entriesAt) throw unit.error(this.offset, "an entry refers to its unit's header");
        const entry = unit.entry(offset);
        if (entry === undefined) throw unit.error(this.offset, "an entry refers to the end of a list");
        return entry;
      }
      case "inSection":
        return unit.surroundings.entryAt(value.offset);
      case "signature":
        return unit.surroundings.typeOfSignature(value.signature);
      default:
        return undefined;
    }
  }

  /** Itself, and what it stands for: an inlined function, a declaration. */
  *origins(): Generator<Entry> {
    let entry: Entry | undefined = this.origin();
    yield this;
    for (let step = 0; entry !== undefined; step++) {
      if (step === MAX_ORIGINS) throw this.unit.error(this.offset, "an entry stands for another one, and so on");
      yield entry;
      entry = entry.origin();
    }
  }

  /** What `read` says of the first of its origins of which it says anything. */
  ofOrigins<T>(read: (entry: Entry) => T | undefined): T | undefined {
    for (const entry of this.origins()) {
      const value = read(entry);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** The entries directly below it. */
  *children(): Generator<Entry> {
    if (!this.abbreviation.hasChildren) return;
    let at = this.childrenAt();
    for (;;) {
      const child = this.unit.entry(at);
      if (child === undefined) break;
      yield child;
      at = child.next();
    }
    this.nextAt = at + 1;
  }

  /** Whether an offset lies within its attributes. */
  holds(offset: number): boolean {
    return offset >= this.attributesAt && offset < this.childrenAt();
  }

  /** Where the attribute says that the entry behind it and all below it begins. */
  sibling(): number | undefined {
    if (!this.has(AT.sibling)) return undefined;
    const value = this.attribute(AT.sibling);
    if (value?.kind !== "inUnit") return undefined;
    const offset = this.unit.header.offset + value.offset;
    // Back is no way on.
    if (offset < this.childrenAt()) throw this.unit.error(this.offset, "an entry's sibling is before it");
    return offset;
  }

  private next(): number {
    this.nextAt ??=
      this.sibling() ?? (this.abbreviation.hasChildren ? this.unit.siblingsEnd(this.childrenAt()) : this.childrenAt());
    return this.nextAt;
  }

  private childrenAt(): number {
    return this.unit.attributesEnd(this.attributesAt, this.abbreviation);
  }

  private origin(): Entry | undefined {
    return this.has(AT.abstract_origin) ? this.entry(AT.abstract_origin) : this.entry(AT.specification);
  }
}
