/** What a unit declares outside of its functions, by qualified name. */
import { AT, TAG } from "../entries/constants.js";
import type { Entry, Unit } from "../entries/unit.js";

/** Namespaces and classes within each other. */
export const MAX_NESTING = 64;

export class UnitNames {
  private readonly offsets = new Map<string, number[]>();
  /** Of entries that are in a namespace or a class. */
  private readonly qualified = new Map<number, string>();

  /** @throws {DwarfError} */
  constructor(private readonly unit: Unit) {
    for (const { entry, prefix } of declaredIn(unit)) {
      const name = entry.ofOrigins((origin) => origin.text(AT.name));
      if (name === undefined) continue;
      // What is defined outside of its class is named like its declaration there.
      const full = prefix === "" ? (this.ofOrigin(entry) ?? name) : prefix + name;
      if (full !== name) this.qualified.set(entry.offset, full);
      const others = this.offsets.get(full);
      if (others === undefined) this.offsets.set(full, [entry.offset]);
      else others.push(entry.offset);
    }
  }

  /** In the order of the unit. */
  *named(name: string): Generator<Entry> {
    for (const offset of this.offsets.get(name) ?? []) {
      const entry = this.unit.entry(offset);
      if (entry !== undefined) yield entry;
    }
  }

  /** `space::name`; undefined: the name alone, or what has no name or is no declaration of this unit. */
  qualifiedName(entry: Entry): string | undefined {
    return this.qualified.get(entry.offset) ?? this.ofOrigin(entry);
  }

  private ofOrigin(entry: Entry): string | undefined {
    for (const origin of entry.origins()) {
      const name = origin.unit === this.unit ? this.qualified.get(origin.offset) : undefined;
      if (name !== undefined) return name;
    }
    return undefined;
  }
}

/** C and assembler have no names within names: their structures need not be looked into. */
export const isFlat = (unit: Unit): boolean => FLAT_LANGUAGES.has(unit.root().number(AT.language) ?? 0);

/** DW_LANG_C89, C, C99, C11, C17, Mips_Assembler, Assembly. */
const FLAT_LANGUAGES = new Set([0x01, 0x02, 0x0c, 0x1d, 0x2c, 0x8001, 0x31]);

export interface Declared {
  readonly entry: Entry;
  /** `space::`, or nothing. */
  readonly prefix: string;
}

/** All entries that are in no function: those of namespaces and classes too. */
export function* declaredIn(unit: Unit): Generator<Declared> {
  const containers = isFlat(unit) ? NO_CONTAINERS : CONTAINERS;
  yield* within(unit.root(), "", containers, 0);
}

const CONTAINERS: ReadonlySet<number> = new Set([
  TAG.namespace,
  TAG.module,
  TAG.structure_type,
  TAG.class_type,
  TAG.union_type,
  TAG.interface_type,
  TAG.enumeration_type,
]);
const NO_CONTAINERS: ReadonlySet<number> = new Set();

function* within(parent: Entry, prefix: string, containers: ReadonlySet<number>, depth: number): Generator<Declared> {
  if (depth === MAX_NESTING) throw parent.unit.error(parent.offset, "declarations are nested too deeply", "TOO_LARGE");
  for (const entry of parent.children()) {
    yield { entry, prefix };
    if (!containers.has(entry.tag)) continue;
    const name = entry.ofOrigins((origin) => origin.text(AT.name));
    const own = name ?? (entry.tag === TAG.namespace ? "(anonymous namespace)" : "");
    yield* within(entry, own === "" ? prefix : `${prefix}${own}::`, containers, depth + 1);
  }
}
