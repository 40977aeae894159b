/** Which unit has code at an address: by .debug_aranges (DWARF 5, section 6.1.2), else by the units themselves. */
import type { ElfSections } from "../file/elf-sections.js";
import { Intervals, type Interval } from "../file/intervals.js";
import type { Section } from "../file/section.js";
import type { Information } from "./information.js";
import { rangesOf } from "./ranges.js";
import type { Unit } from "./unit.js";
import type { UnitHeader } from "./unit-header.js";

/** A kernel has 6,000. */
export const MAX_UNIT_RANGES = 2 ** 19;

interface UnitRange extends Interval {
  /** Where the unit begins in .debug_info. */
  readonly unitAt: number;
}

export class AddressIndex {
  private listed: Intervals<UnitRange> | undefined;
  private rest: Intervals<UnitRange> | undefined;
  private readonly listedUnits = new Set<number>();

  constructor(
    private readonly sections: ElfSections,
    private readonly information: Information,
  ) {}

  /** Undefined: none. @throws {DwarfError} */
  unitAt(address: bigint): Unit | undefined {
    this.listed ??= new Intervals(this.listedRanges());
    const found = this.listed.find(address) ?? this.others().find(address);
    return found && this.information.unitAt(found.unitAt);
  }

  /** Units without an entry there: their own ranges. */
  private others(): Intervals<UnitRange> {
    this.rest ??= new Intervals(
      this.information.list().flatMap((header) => (this.listedUnits.has(header.offset) ? [] : this.ownRanges(header))),
    );
    return this.rest;
  }

  private ownRanges(header: UnitHeader): UnitRange[] {
    if (header.typeUnit !== undefined) return [];
    const unit = this.information.open(header);
    return rangesOf(unit.root()).map(({ start, end }) => ({ start, end, unitAt: header.offset }));
  }

  private listedRanges(): UnitRange[] {
    const section = this.sections.find(".debug_aranges");
    const ranges: UnitRange[] = [];
    for (let offset = 0; section !== undefined && offset < section.size;) {
      offset = this.readSet(section, offset, ranges);
    }
    return ranges;
  }

  /** The ranges of one unit; answers where the next set begins. */
  private readSet(section: Section, offset: number, ranges: UnitRange[]): number {
    const header = section.cursor(offset);
    const { length, offsetBytes } = header.initialLength();
    const end = header.offset + length;
    if (end > section.size) throw section.error("DAMAGED", offset, "a set of ranges ends behind the section");
    header.skip(2);
    const unitAt = header.sectionOffset(offsetBytes);
    const addressBytes = header.u8();
    header.skip(1);
    if (addressBytes !== 4 && addressBytes !== 8) throw section.error("DAMAGED", offset, "its addresses have no size");
    const pairBytes = addressBytes * 2;
    // The pairs are aligned to their size, from the start of the set.
    const cursor = section.cursor(offset + Math.ceil((header.offset - offset) / pairBytes) * pairBytes, end);
    while (cursor.left >= pairBytes) {
      const start = cursor.unsigned(addressBytes);
      const bytes = cursor.unsigned(addressBytes);
      if (start === 0n && bytes === 0n) break;
      if (bytes === 0n) continue;
      if (ranges.length === MAX_UNIT_RANGES) throw cursor.error("TOO_LARGE", "there are too many ranges of units");
      ranges.push({ start, end: start + bytes, unitAt });
      this.listedUnits.add(unitAt);
    }
    return end;
  }
}
