/** Types of a guest's program, as debugging information tells them: DWARF of a file, BTF of a Linux kernel. */

/** Read lazily: a structure's members are read when they are asked for. Anonymous types have an empty name. */
export type Type =
  | ScalarType
  | { readonly kind: "pointer"; readonly bytes: number; /** What it points to. */ target(): Type }
  | ArrayType
  | StructureType
  | EnumerationType
  | FunctionType
  | { readonly kind: "void" }
  /** A typedef, or const, volatile, restrict. `name` is empty for the latter. */
  | { readonly kind: "alias"; readonly name: string; target(): Type };

export interface ScalarType {
  readonly kind: "integer" | "character" | "boolean" | "float";
  readonly name: string;
  readonly bytes: number;
  readonly isSigned: boolean;
}

export interface ArrayType {
  readonly kind: "array";
  element(): Type;
  /** Undefined: a flexible array member, or one that is declared only. */
  readonly length: number | undefined;
}

export interface StructureType {
  readonly kind: "structure" | "union";
  readonly name: string;
  readonly bytes: number;
  members(): readonly Member[];
}

/** An anonymous member (a structure or a union) has an empty name: its members are reached without one. */
export interface Member {
  readonly name: string;
  readonly offsetBits: number;
  /** Of a bit field. */
  readonly widthBits: number | undefined;
  type(): Type;
}

export interface EnumerationType {
  readonly kind: "enumeration";
  readonly name: string;
  readonly bytes: number;
  readonly isSigned: boolean;
  enumerators(): readonly { readonly name: string; readonly value: bigint }[];
}

export interface FunctionType {
  readonly kind: "function";
  parameters(): readonly Parameter[];
  result(): Type;
  /** Up to so many bytes of a float are passed in a floating-point register: 0 where it is left out, as in a kernel. */
  readonly floatRegisterBytes?: number;
}

export interface Parameter {
  readonly name: string;
  type(): Type;
}
