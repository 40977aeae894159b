/** Entries of types as types (DWARF 5, chapter 5). Each is read when it is asked for. */
import type { FunctionType, Member, Parameter, ScalarType, Type } from "../../type.js";
import { AT, ENCODING, TAG } from "../entries/constants.js";
import type { Entry } from "../entries/unit.js";
import { membersOf } from "./members.js";
import { arrayLengths } from "./array-lengths.js";
import { enumeratorsOf } from "./enumerators.js";

/** Aliases of aliases, arrays of arrays, members of members: a type that contains itself would never end. */
export const MAX_TYPE_DEPTH = 256;

const VOID: Type = { kind: "void" };
const POINTER_BYTES = 8;

export class Types {
  /** `definitionOf`: of a structure that is declared only, where the file has it. */
  constructor(
    private readonly definitionOf: (declaration: Entry) => Entry | undefined,
    private readonly floatRegisterBytes: number,
  ) {}

  /** The type that an entry has; void: none. @throws {DwarfError} */
  ofEntry(entry: Entry): Type {
    return this.typed(entry, 0);
  }

  /** The type that an entry is. @throws {DwarfError} */
  of(entry: Entry): Type {
    return this.read(entry, 0);
  }

  /** Of a function's entry, or a type's: as it is declared, whatever the compiler left of it. */
  functionType(entry: Entry): FunctionType {
    return {
      kind: "function",
      parameters: () => this.parameters(entry),
      result: () => this.typed(entry, 0),
      floatRegisterBytes: this.floatRegisterBytes,
    };
  }

  private typed(entry: Entry, depth: number): Type {
    const type = entry.ofOrigins((origin) => origin.entry(AT.type));
    return type === undefined ? VOID : this.read(type, depth);
  }

  private read(entry: Entry, depth: number): Type {
    if (depth > MAX_TYPE_DEPTH) throw entry.unit.error(entry.offset, "a type contains itself");
    const target = (): Type => this.typed(entry, depth + 1);
    switch (entry.tag) {
      case TAG.base_type:
        return scalar(entry);
      case TAG.pointer_type:
      case TAG.reference_type:
      case TAG.rvalue_reference_type:
      case TAG.ptr_to_member_type:
        // What it points to is not in it: the depth counts anew.
        return {
          kind: "pointer",
          bytes: entry.number(AT.byte_size) ?? POINTER_BYTES,
          target: () => this.ofEntry(entry),
        };
      case TAG.typedef:
        return { kind: "alias", name: entry.text(AT.name) ?? "", target };
      case TAG.const_type:
      case TAG.volatile_type:
      case TAG.restrict_type:
      case TAG.atomic_type:
      case TAG.immutable_type:
      case TAG.packed_type:
        return { kind: "alias", name: "", target };
      case TAG.array_type:
        return this.array(arrayLengths(entry), 0, target);
      case TAG.structure_type:
      case TAG.class_type:
      case TAG.interface_type:
        return this.structure(entry, "structure", depth);
      case TAG.union_type:
        return this.structure(entry, "union", depth);
      case TAG.enumeration_type:
        return this.enumeration(entry);
      case TAG.subrange_type:
        return target();
      case TAG.subroutine_type:
        return this.functionType(entry);
      default:
        return VOID;
    }
  }

  /** Of several dimensions: arrays of arrays, as C has them. */
  private array(lengths: readonly (number | undefined)[], dimension: number, target: () => Type): Type {
    const isLast = dimension >= lengths.length - 1;
    const element = isLast ? target : () => this.array(lengths, dimension + 1, target);
    return { kind: "array", element, length: lengths[dimension] };
  }

  private structure(entry: Entry, kind: "structure" | "union", depth: number): Type {
    let read: Entry | undefined;
    const complete = (): Entry => (read ??= this.complete(entry));
    // Where a unit only points to one, the name is in the type unit alone.
    const named = entry.has(AT.name) ? entry : (entry.entry(AT.signature) ?? entry);
    return {
      kind,
      name: named.text(AT.name) ?? "",
      get bytes() {
        return complete().number(AT.byte_size) ?? 0;
      },
      members: (): readonly Member[] => membersOf(complete(), (member) => this.typed(member, depth + 1)),
    };
  }

  /** What is declared only may be defined in a type unit, or in another unit. */
  private complete(entry: Entry): Entry {
    return entry.entry(AT.signature) ?? (entry.flag(AT.declaration) ? this.definitionOf(entry) : undefined) ?? entry;
  }

  private enumeration(entry: Entry): Type {
    const complete = this.complete(entry);
    const underlying = complete.entry(AT.type);
    const encoding = complete.number(AT.encoding) ?? (underlying && baseOf(underlying)?.number(AT.encoding));
    const bytes = complete.number(AT.byte_size) ?? (underlying && baseOf(underlying)?.number(AT.byte_size)) ?? 4;
    // Without either, a negative value says it.
    const isSigned = encoding === undefined ? hasNegative(complete) : SIGNED.has(encoding);
    return {
      kind: "enumeration",
      name: complete.text(AT.name) ?? "",
      bytes,
      isSigned,
      enumerators: () => enumeratorsOf(complete, bytes, isSigned),
    };
  }

  private parameters(entry: Entry): readonly Parameter[] {
    for (const origin of [...entry.origins()].reverse()) {
      const own = [...origin.children()].filter(({ tag }) => tag === TAG.formal_parameter);
      if (own.length === 0) continue;
      return own.map((parameter) => ({
        name: parameter.ofOrigins((one) => one.text(AT.name)) ?? "",
        type: () => this.typed(parameter, 0),
      }));
    }
    return [];
  }
}

const SIGNED: ReadonlySet<number> = new Set([ENCODING.signed, ENCODING.signed_char]);

const KINDS: Readonly<Record<number, ScalarType["kind"]>> = {
  [ENCODING.boolean]: "boolean",
  [ENCODING.float]: "float",
  [ENCODING.signed_char]: "character",
  [ENCODING.unsigned_char]: "character",
  [ENCODING.UTF]: "character",
  [ENCODING.UCS]: "character",
  [ENCODING.ASCII]: "character",
};

function scalar(entry: Entry): ScalarType {
  const encoding = entry.number(AT.encoding) ?? ENCODING.unsigned;
  return {
    kind: KINDS[encoding] ?? "integer",
    name: entry.text(AT.name) ?? "",
    bytes: entry.number(AT.byte_size) ?? Math.ceil((entry.number(AT.bit_size) ?? 0) / 8),
    isSigned: SIGNED.has(encoding) || encoding === ENCODING.float,
  };
}

/** The base type behind aliases. */
function baseOf(type: Entry): Entry | undefined {
  let base: Entry | undefined = type;
  for (let depth = 0; base !== undefined && base.tag !== TAG.base_type; depth++) {
    if (depth === MAX_TYPE_DEPTH) throw type.unit.error(type.offset, "a type contains itself");
    base = base.entry(AT.type);
  }
  return base;
}

const hasNegative = (entry: Entry): boolean =>
  [...entry.children()].some((child) => (child.constant(AT.const_value) ?? 0n) < 0n);
