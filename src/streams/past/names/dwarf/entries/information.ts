/** All units of a file: found by offset, by signature, and one after the other. Those used last stay in memory. */
import { DwarfError } from "../file/dwarf-error.js";
import type { ElfSections } from "../file/elf-sections.js";
import { Recent } from "../../recent.js";
import type { Section } from "../file/section.js";
import { readAbbreviations, type Abbreviations } from "./abbreviations.js";
import { Unit, type Entry, type Surroundings } from "./unit.js";
import { readUnitHeader, type UnitHeader } from "./unit-header.js";

/** A kernel has 3,000, a large browser 100,000. */
export const MAX_UNITS = 2 ** 18;
const KEPT_UNITS = 256;
const KEPT_TABLES = 64;

export class Information implements Surroundings {
  private readonly units = new Recent<UnitHeader, Unit>(KEPT_UNITS);
  private readonly abbreviations = new Recent<string, Abbreviations>(KEPT_TABLES);
  /** By offset of .debug_info, each read once. */
  private readonly headers = new Map<number, UnitHeader>();
  private all: readonly UnitHeader[] | undefined;
  /** Of DWARF 4. */
  private types: readonly UnitHeader[] | undefined;
  private bySignature: ReadonlyMap<bigint, UnitHeader> | undefined;

  constructor(private readonly sections: ElfSections) {}

  find(section: string): Section | undefined {
    return this.sections.find(section);
  }

  /** The headers of all units of .debug_info, by offset. */
  list(): readonly UnitHeader[] {
    this.all ??= this.walk(".debug_info");
    return this.all;
  }

  /** Those of .debug_types. */
  listTypes(): readonly UnitHeader[] {
    this.types ??= this.walk(".debug_types");
    return this.types;
  }

  /** The unit that begins at an offset of .debug_info. @throws {DwarfError} */
  unitAt(offset: number): Unit {
    const section = this.sections.find(".debug_info");
    if (section === undefined) throw this.missing(offset);
    return this.open(this.headerAt(section, offset));
  }

  open(header: UnitHeader): Unit {
    return this.units.get(header, () => new Unit(header, this.abbreviationsOf(header), this));
  }

  entryAt(offset: number): Entry {
    const headers = this.list();
    const header = headers[lastAtOrBefore(headers, offset)];
    const section = this.sections.find(".debug_info");
    if (header === undefined || section === undefined || offset < header.entriesAt || offset >= header.end) {
      throw section?.error("DAMAGED", offset, "an entry refers to what is no entry") ?? this.missing(offset);
    }
    const entry = this.open(header).entry(offset);
    if (entry === undefined) throw section.error("DAMAGED", offset, "an entry refers to the end of a list");
    return entry;
  }

  typeOfSignature(signature: bigint): Entry | undefined {
    this.bySignature ??= new Map(
      [...this.list(), ...this.listTypes()].flatMap((header) =>
        header.typeUnit === undefined ? [] : [[header.typeUnit.signature, header] as const],
      ),
    );
    const header = this.bySignature.get(signature);
    return header?.typeUnit && this.open(header).entry(header.offset + header.typeUnit.typeAt);
  }

  private headerAt(section: Section, offset: number): UnitHeader {
    if (section.name !== ".debug_info") return readUnitHeader(section, offset);
    let header = this.headers.get(offset);
    if (header === undefined) this.headers.set(offset, (header = readUnitHeader(section, offset)));
    return header;
  }

  private walk(name: string): readonly UnitHeader[] {
    const section = this.sections.find(name);
    const headers: UnitHeader[] = [];
    for (let offset = 0; section !== undefined && offset < section.size;) {
      if (headers.length === MAX_UNITS) throw section.error("TOO_LARGE", offset, "there are too many units");
      const header = this.headerAt(section, offset);
      headers.push(header);
      offset = header.end;
    }
    return headers;
  }

  private abbreviationsOf(header: UnitHeader): Abbreviations {
    const { version, addressBytes, offsetBytes, abbreviationsAt } = header;
    const section = this.sections.find(".debug_abbrev");
    if (section === undefined) throw header.section.error("DAMAGED", header.offset, "there is no .debug_abbrev");
    const key = [abbreviationsAt, version, addressBytes, offsetBytes].join();
    return this.abbreviations.get(key, () => readAbbreviations(section, abbreviationsAt, header));
  }

  private missing(offset: number) {
    return new DwarfError("DAMAGED", { file: this.sections.file, section: ".debug_info", offset }, "it is not there");
  }
}

/** The index of the last header that begins at an offset or before it; -1: none. */
function lastAtOrBefore(headers: readonly UnitHeader[], offset: number): number {
  let low = 0;
  let high = headers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (headers[middle]!.offset <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
