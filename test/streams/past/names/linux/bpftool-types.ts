// Types in one line each, as bpftool tells them and as they are read here, to be compared one by one.
import { BTF_KIND, type BtfSection } from "../../../../../src/streams/past/names/linux/btf-section.js";
import type { BtfTypes } from "../../../../../src/streams/past/names/linux/btf-types.js";
import type { Type } from "../../../../../src/streams/past/names/type.js";

export interface BpftoolType {
  readonly id: number;
  readonly kind: string;
  readonly name: string;
  readonly size?: number;
  readonly type_id?: number;
  readonly ret_type_id?: number;
  readonly nr_elems?: number;
  readonly encoding?: string;
  readonly fwd_kind?: string;
  readonly members?: readonly { name: string; type_id: number; bits_offset: number; bitfield_size?: number }[];
  readonly values?: readonly { name: string; val: number }[];
  readonly params?: readonly { name: string; type_id: number }[];
}

/** In the order of their ids, from 1. */
export function typesToldBy(types: readonly BpftoolType[]): readonly string[] {
  const byId = new Map(types.map((type) => [type.id, type]));
  const short = (id: number): string => {
    const type = byId.get(id);
    return type === undefined ? "void" : inShort(type, byId);
  };
  return types.map((type) => {
    switch (type.kind) {
      case "STRUCT":
      case "UNION":
        return [
          inShort(type, byId),
          ...(type.members ?? []).map(
            ({ name, type_id: id, bits_offset: offset, bitfield_size: width }) =>
              `${named(name)}@${String(offset)}:${String(width === 0 ? undefined : width)} ${short(id)}`,
          ),
        ].join("; ");
      case "ENUM":
        return [
          inShort(type, byId),
          ...(type.values ?? []).map(({ name, val }) => `${name}=${valueText(BigInt(val))}`),
        ].join("; ");
      case "FUNC_PROTO":
        return [
          `function ${short(type.ret_type_id ?? 0)}`,
          ...(type.params ?? [])
            .filter(({ type_id: id }) => id !== 0)
            .map(({ name, type_id: id }) => `${named(name)} ${short(id)}`),
        ].join("; ");
      default:
        return inShort(type, byId);
    }
  });
}

/** bpftool writes JSON of larger ones with six digits. */
const valueText = (value: bigint): string => (value >= 0n && value < 1n << 31n ? String(value) : "large or negative");

const named = (name: string): string => (name === "(anon)" ? "" : name);

function inShort(type: BpftoolType, byId: ReadonlyMap<number, BpftoolType>): string {
  const target = (): string => {
    const of = byId.get(type.type_id ?? 0);
    return of === undefined ? "void" : `${WORDS[of.kind] ?? of.kind} ${named(of.name)}`;
  };
  const name = named(type.name);
  switch (type.kind) {
    case "INT":
      return `int ${name} ${String(type.size)} ${String(type.encoding === "SIGNED")}`;
    case "PTR":
    case "CONST":
    case "VOLATILE":
    case "RESTRICT":
    case "TYPEDEF":
      return `${WORDS[type.kind] ?? ""} ${name} to ${target()}`;
    case "ARRAY":
      return `array  of ${target()} ${String(type.nr_elems)}`;
    case "STRUCT":
    case "UNION":
    case "ENUM":
    case "ENUM64":
    case "FLOAT":
      return `${WORDS[type.kind] ?? ""} ${name} ${String(type.size)}`;
    case "FWD":
      return `${type.fwd_kind === "union" ? "union" : "struct"} ${name} 0`;
    default:
      return WORDS[type.kind] ?? "";
  }
}

/** What is told of a kind here. */
const WORDS: Readonly<Record<string, string>> = {
  INT: "int",
  PTR: "pointer",
  CONST: "alias",
  VOLATILE: "alias",
  RESTRICT: "alias",
  TYPEDEF: "alias",
  ARRAY: "array",
  STRUCT: "struct",
  UNION: "union",
  FWD: "struct",
  ENUM: "enum",
  ENUM64: "enum",
  FLOAT: "float",
  FUNC_PROTO: "function",
};

export function typesReadBy(section: BtfSection, types: BtfTypes): readonly string[] {
  return Array.from({ length: section.count }, (_, index) => {
    const id = section.firstId + index;
    const kind = section.record(id)?.kind ?? 0;
    return COMPARED.has(kind) ? inFull(types.type(id)) : "";
  });
}

/** Not: functions, variables, sections and tags, which are no types. */
const COMPARED: ReadonlySet<number> = new Set([
  ...[BTF_KIND.int, BTF_KIND.pointer, BTF_KIND.array, BTF_KIND.struct, BTF_KIND.union, BTF_KIND.enum, BTF_KIND.forward],
  ...[BTF_KIND.typedef, BTF_KIND.volatile, BTF_KIND.const, BTF_KIND.restrict, BTF_KIND.funcProto, BTF_KIND.float],
  BTF_KIND.enum64,
]);

function inFull(type: Type): string {
  switch (type.kind) {
    case "structure":
    case "union":
      return [
        shortOf(type),
        ...type
          .members()
          .map(
            ({ name, offsetBits, widthBits, ...member }) =>
              `${name}@${String(offsetBits)}:${String(widthBits)} ${shortOf(member.type())}`,
          ),
      ].join("; ");
    case "enumeration":
      return [
        shortOf(type),
        ...(type.bytes === 8 ? [] : type.enumerators().map(({ name, value }) => `${name}=${valueText(value)}`)),
      ].join("; ");
    case "function":
      return [
        `function ${shortOf(type.result())}`,
        ...type.parameters().map(({ name, ...member }) => `${name} ${shortOf(member.type())}`),
      ].join("; ");
    default:
      return shortOf(type);
  }
}

const wordOf = (type: Type): string => {
  switch (type.kind) {
    case "structure":
      return `struct ${type.name}`;
    case "union":
      return `union ${type.name}`;
    case "enumeration":
      return `enum ${type.name}`;
    case "integer":
    case "character":
    case "boolean":
      return `int ${type.name}`;
    case "float":
    case "alias":
      return `${type.kind} ${type.name}`;
    case "void":
      return "void";
    default:
      return `${type.kind} `;
  }
};

function shortOf(type: Type): string {
  switch (type.kind) {
    case "pointer":
    case "alias":
      return `${wordOf(type)} to ${wordOf(type.target())}`;
    case "array":
      return `array  of ${wordOf(type.element())} ${String(type.length ?? 0)}`;
    case "structure":
    case "union":
    case "enumeration":
    case "float":
      return `${wordOf(type)} ${String(type.bytes)}`;
    case "integer":
    case "character":
    case "boolean":
      return `${wordOf(type)} ${String(type.bytes)} ${String(type.isSigned)}`;
    case "function":
      return "function";
    default:
      return "void";
  }
}
