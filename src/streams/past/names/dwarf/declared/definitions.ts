/** What a name means in all units of a file: only those are looked into that can have it. */
import { bytesOfInteger } from "../../../../../machine/little-endian.js";
import type { ElfSections } from "../file/elf-sections.js";
import { occurrences } from "../file/byte-search.js";
import { Recent } from "../../recent.js";
import { AT } from "../entries/constants.js";
import type { Information } from "../entries/information.js";
import type { Entry, Unit } from "../entries/unit.js";
import type { UnitHeader } from "../entries/unit-header.js";
import { isFlat, UnitNames } from "./unit-names.js";

const KEPT_UNITS = 64;

export class Definitions {
  private readonly names = new Recent<UnitHeader, UnitNames>(KEPT_UNITS);

  constructor(
    private readonly sections: ElfSections,
    private readonly information: Information,
  ) {}

  of(unit: Unit): UnitNames {
    return this.names.get(unit.header, () => new UnitNames(unit));
  }

  /**
   * The first that has the qualified name and is accepted. `address`: where it lies, if it is something in memory.
   * @throws {DwarfError}
   */
  find(name: string, accepts: (entry: Entry) => boolean, address?: bigint): Entry | undefined {
    for (const { header, hits } of this.unitsWith(name.split("::").at(-1) ?? name, address)) {
      const unit = this.information.open(header);
      const named = hits === undefined || !isFlat(unit) ? this.of(unit).named(name) : holding(unit, hits, name);
      for (const entry of named) if (accepts(entry)) return entry;
    }
    return undefined;
  }

  private *unitsWith(name: string, address: bigint | undefined): Generator<Candidate> {
    if (name === "") return;
    const patterns = this.patterns(name, address);
    yield* this.within(".debug_info", this.information.list(), patterns);
    // What is in memory is of no type unit.
    if (address === undefined) yield* this.within(".debug_types", this.information.listTypes(), patterns);
  }

  private *within(
    name: string,
    headers: readonly UnitHeader[],
    patterns: readonly Uint8Array[] | undefined,
  ): Generator<Candidate> {
    const section = this.sections.find(name);
    if (section === undefined) return;
    if (patterns === undefined) {
      yield* headers.map((header) => ({ header, hits: undefined }));
      return;
    }
    let next = 0;
    let found: { header: UnitHeader; hits: number[] } | undefined;
    for (const offset of occurrences(section, patterns)) {
      while (next < headers.length && headers[next]!.end <= offset) next += 1;
      const header = headers[next];
      if (header === undefined) break;
      if (found?.header === header) {
        found.hits.push(offset);
        continue;
      }
      if (found !== undefined) yield found;
      found = { header, hits: [offset] };
    }
    if (found !== undefined) yield found;
  }

  /** One of them is in each unit that has the name; undefined: that cannot be said. */
  private patterns(name: string, address: bigint | undefined): readonly Uint8Array[] | undefined {
    // Names and addresses by index look alike in all units.
    if (this.sections.find(".debug_str_offsets") !== undefined) return undefined;
    if (address !== undefined) return [Uint8Array.of(DW_OP_ADDR, ...bytesOfInteger(address, 8))];
    const text = new TextEncoder().encode(`${name}\0`);
    const strings = this.sections.find(".debug_str");
    // A longer name may end with this one: the linker keeps both as one.
    const places = strings === undefined ? [] : [...occurrences(strings, [text])];
    if (places.length > MANY_PLACES) return undefined;
    return [text, ...places.map((place) => Uint8Array.from(bytesOfInteger(BigInt(place), 4)))];
  }
}

/** A unit that may have the name, and where in it the bytes are that say so; undefined: that is not known. */
interface Candidate {
  readonly header: UnitHeader;
  readonly hits: readonly number[] | undefined;
}

/** Of a unit without names in names: the entries that have the bytes, if that is their name, and their definitions. */
function* holding(unit: Unit, hits: readonly number[], name: string): Generator<Entry> {
  const declared = new Set<number>();
  let hit = 0;
  for (const entry of unit.root().children()) {
    while (hit < hits.length && hits[hit]! < entry.offset) hit += 1;
    const isHit = hit < hits.length && entry.holds(hits[hit]!);
    if (!isHit && (declared.size === 0 || !entry.has(AT.specification))) continue;
    const isNamed = isHit
      ? entry.ofOrigins((origin) => origin.text(AT.name)) === name
      : declared.has(entry.entry(AT.specification)?.offset ?? 0);
    if (!isNamed) continue;
    declared.add(entry.offset);
    yield entry;
  }
}

const DW_OP_ADDR = 3;
/** Each costs a pass over the section; a linker leaves one place of a name. */
const MANY_PLACES = 16;
