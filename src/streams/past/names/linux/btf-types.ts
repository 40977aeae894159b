/** The types that BTF describes: of a kernel, or of a module together with its kernel's. */
import type { FunctionType, Member, Type } from "../type.js";
import { BTF_KIND, type BtfRecord, type BtfSection } from "./btf-section.js";
import { Nesting } from "./btf-nesting.js";

export interface BtfVariable {
  readonly name: string;
  readonly type: Type;
  /** The section that it is in, as `.data..percpu`. */
  readonly section: string;
}

export class BtfTypes {
  private readonly types = new Map<number, Type>();
  private readonly nesting: Nesting;
  private index: NameIndex | undefined;

  constructor(
    private readonly section: BtfSection,
    private readonly base?: BtfTypes,
  ) {
    this.nesting = new Nesting(section);
  }

  /** By its id; `void` where the records are damaged there. */
  type(id: number): Type {
    if (this.base !== undefined && id < this.section.firstId) return this.base.type(id);
    let type = this.types.get(id);
    if (type === undefined) {
      const record = this.nesting.isFinite(id) ? this.section.record(id) : undefined;
      type = record === undefined ? VOID : this.understood(record);
      this.types.set(id, type);
    }
    return type;
  }

  /** `struct list_head`, `list_head`, `u64`. What is declared only is none. */
  named(name: string): Type | undefined {
    const { types } = this.names;
    const key = [name, `struct ${name}`, `union ${name}`, `enum ${name}`].find((candidate) => types.has(candidate));
    const id = key === undefined ? undefined : types.get(key);
    return id === undefined ? this.base?.named(name) : this.type(id);
  }

  functionType(name: string): FunctionType | undefined {
    const id = this.names.functions.get(name);
    if (id === undefined) return this.base?.functionType(name);
    const type = this.type(id);
    return type.kind === "function" ? type : undefined;
  }

  variable(name: string): BtfVariable | undefined {
    const found = this.names.variables.get(name);
    if (found === undefined) return this.base?.variable(name);
    return { name, type: this.type(found.type), section: found.section };
  }

  /** The bytes of BTF that it was read from. */
  get byteLength(): number {
    return this.section.byteLength;
  }

  private get names(): NameIndex {
    return (this.index ??= indexOf(this.section));
  }

  private understood(record: BtfRecord): Type {
    const { kind, name, sizeOrType, flag } = record;
    switch (kind) {
      case BTF_KIND.int:
        return integer(record);
      case BTF_KIND.float:
        return { kind: "float", name, bytes: sizeOrType, isSigned: true };
      case BTF_KIND.pointer:
        return { kind: "pointer", bytes: POINTER_BYTES, target: () => this.type(sizeOrType) };
      case BTF_KIND.array:
        return { kind: "array", element: () => this.type(record.word(0)), length: record.word(2) || undefined };
      case BTF_KIND.struct:
      case BTF_KIND.union:
        return {
          kind: kind === BTF_KIND.union ? "union" : "structure",
          name,
          bytes: sizeOrType,
          members: () => this.members(record),
        };
      case BTF_KIND.forward:
        return { kind: flag ? "union" : "structure", name, bytes: 0, members: () => [] };
      case BTF_KIND.enum:
      case BTF_KIND.enum64:
        return this.enumeration(record);
      case BTF_KIND.typedef:
        return { kind: "alias", name, target: () => this.type(sizeOrType) };
      case BTF_KIND.volatile:
      case BTF_KIND.const:
      case BTF_KIND.restrict:
        return { kind: "alias", name: "", target: () => this.type(sizeOrType) };
      // A tag says something about what follows.
      case BTF_KIND.typeTag:
      case BTF_KIND.func:
      case BTF_KIND.variable:
        return this.type(sizeOrType);
      case BTF_KIND.funcProto:
        return this.prototype(record);
      default:
        return VOID;
    }
  }

  private members(record: BtfRecord): readonly Member[] {
    return Array.from({ length: record.count }, (_, index) => {
      const [name, type, offset] = [0, 1, 2].map((word) => record.word(3 * index + word)) as [number, number, number];
      const widthBits = record.flag ? offset >>> 24 : 0;
      return {
        name: this.section.string(name),
        offsetBits: record.flag ? offset & 0xff_ffff : offset,
        widthBits: widthBits === 0 ? undefined : widthBits,
        type: () => this.type(type),
      };
    });
  }

  private enumeration({ kind, name, sizeOrType, count, flag, word }: BtfRecord): Type {
    const words = kind === BTF_KIND.enum64 ? 3 : 2;
    const value = (index: number): bigint => {
      const low = BigInt(word(words * index + 1));
      const bits = words === 3 ? low | (BigInt(word(words * index + 2)) << 32n) : low;
      return flag ? BigInt.asIntN(32 * (words - 1), bits) : bits;
    };
    return {
      kind: "enumeration",
      name,
      bytes: sizeOrType,
      isSigned: flag,
      enumerators: () =>
        Array.from({ length: count }, (_, index) => ({
          name: this.section.string(word(words * index)),
          value: value(index),
        })),
    };
  }

  private prototype(record: BtfRecord): FunctionType {
    const parameters = Array.from({ length: record.count }, (_, index) => ({
      name: this.section.string(record.word(2 * index)),
      id: record.word(2 * index + 1),
    }));
    return {
      kind: "function",
      // The last one without a type stands for `...`.
      parameters: () =>
        parameters.filter(({ id }) => id !== 0).map(({ name, id }) => ({ name, type: () => this.type(id) })),
      result: () => this.type(record.sizeOrType),
    };
  }
}

const VOID: Type = { kind: "void" };
const POINTER_BYTES = 8;

const INT_SIGNED = 1 << 24;
const INT_BOOL = 4 << 24;
/** Compilers tell BTF nothing of it but the name. */
const CHARACTER = /\bchar\b/;

function integer({ name, sizeOrType, word }: BtfRecord): Type {
  const encoding = word(0);
  const kind = (encoding & INT_BOOL) !== 0 ? "boolean" : CHARACTER.test(name) ? "character" : "integer";
  return { kind, name, bytes: sizeOrType, isSigned: (encoding & INT_SIGNED) !== 0 };
}

interface NameIndex {
  readonly types: ReadonlyMap<string, number>;
  readonly functions: ReadonlyMap<string, number>;
  readonly variables: ReadonlyMap<string, { readonly type: number; readonly section: string }>;
}

/** How C calls them; what is declared only has no place in it. */
const TYPE_PREFIXES = new Map<number, string>([
  [BTF_KIND.int, ""],
  [BTF_KIND.float, ""],
  [BTF_KIND.typedef, ""],
  [BTF_KIND.struct, "struct "],
  [BTF_KIND.union, "union "],
  [BTF_KIND.enum, "enum "],
  [BTF_KIND.enum64, "enum "],
]);

/** Of several with one name, the first. */
function indexOf(section: BtfSection): NameIndex {
  const types = new Map<string, number>();
  const functions = new Map<string, number>();
  const variables = new Map<string, { readonly type: number; readonly section: string }>();
  for (let id = section.firstId; id < section.firstId + section.count; id += 1) {
    const record = section.record(id);
    if (record === undefined || record.name === "") continue;
    const { kind, name, count, word } = record;
    const prefix = TYPE_PREFIXES.get(kind);
    if (prefix !== undefined) addFirst(types, prefix + name, id);
    else if (kind === BTF_KIND.func) addFirst(functions, name, id);
    else if (kind === BTF_KIND.dataSection) {
      for (let index = 0; index < count; index += 1) {
        const variable = section.record(word(3 * index));
        if (variable?.kind === BTF_KIND.variable) {
          addFirst(variables, variable.name, { type: variable.sizeOrType, section: name });
        }
      }
    }
  }
  return { types, functions, variables };
}

function addFirst<Value>(map: Map<string, Value>, name: string, value: Value): void {
  if (!map.has(name)) map.set(name, value);
}
