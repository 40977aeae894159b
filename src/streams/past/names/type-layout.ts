/** What every type has: a size, a name, and what is behind its aliases. */
import type { Member, StructureType, Type } from "./type.js";

/** A typedef of a typedef of itself ends here. */
export const MAX_ALIASES = 64;
/** Anonymous structures in anonymous structures. */
export const MAX_NESTED = 16;

/** Without typedefs and qualifiers. */
export function plain(type: Type): Exclude<Type, { kind: "alias" }> {
  let at = type;
  for (let aliases = 0; at.kind === "alias"; aliases += 1) {
    if (aliases === MAX_ALIASES) return { kind: "void" };
    at = at.target();
  }
  return at;
}

/** 0 where it is not known, or has none. */
export function bytesOf(type: Type): number {
  const of = plain(type);
  switch (of.kind) {
    case "void":
    case "function":
      return 0;
    case "array":
      return (of.length ?? 0) * bytesOf(of.element());
    default:
      return of.bytes;
  }
}

/** As C writes it. */
export function nameOf(type: Type): string {
  switch (type.kind) {
    case "void":
      return "void";
    case "function":
      return "function";
    case "alias":
      return type.name === "" ? nameOf(type.target()) : type.name;
    case "pointer":
      return `${nameOf(type.target())} *`.replace("* *", "**");
    case "array":
      return `${nameOf(type.element())}[${type.length === undefined ? "" : String(type.length)}]`;
    case "structure":
      return `struct ${type.name}`.trimEnd();
    case "union":
      return `union ${type.name}`.trimEnd();
    case "enumeration":
      return `enum ${type.name}`.trimEnd();
    default:
      return type.name;
  }
}

export interface FoundMember {
  readonly member: Member;
  /** From the beginning of the structure, also through anonymous members. */
  readonly offsetBits: number;
}

export function memberOf(of: StructureType, name: string, nested = 0): FoundMember | undefined {
  if (nested > MAX_NESTED) return undefined;
  for (const member of of.members()) {
    if (member.name === name) return { member, offsetBits: member.offsetBits };
    const inner = member.name === "" ? plain(member.type()) : undefined;
    if (inner?.kind !== "structure" && inner?.kind !== "union") continue;
    const found = memberOf(inner, name, nested + 1);
    if (found !== undefined) return { member: found.member, offsetBits: member.offsetBits + found.offsetBits };
  }
  return undefined;
}

/** All that can be written behind a dot: those of anonymous members too. */
export function membersOf(of: StructureType, nested = 0): readonly FoundMember[] {
  if (nested > MAX_NESTED) return [];
  return of.members().flatMap((member) => {
    if (member.name !== "") return [{ member, offsetBits: member.offsetBits }];
    const inner = plain(member.type());
    if (inner.kind !== "structure" && inner.kind !== "union") return [];
    return membersOf(inner, nested + 1).map((one) => ({ ...one, offsetBits: member.offsetBits + one.offsetBits }));
  });
}

export const memberNames = (of: StructureType): readonly string[] => membersOf(of).map(({ member }) => member.name);

export const isStructure = (type: Type): boolean => {
  const { kind } = plain(type);
  return kind === "structure" || kind === "union";
};

/** Of an integer, a character or an enumeration whose values may be below 0. */
export const isSigned = (type: Type): boolean => {
  const of = plain(type);
  return "isSigned" in of && of.isSigned;
};
