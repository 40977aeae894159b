/** What a part of an expression stands for: a value, with its type and its place where it has one. */
import { bytesOf, plain } from "../type-layout.js";
import type { Location } from "../name-source.js";
import type { Symbol } from "../../../../machine/symbol-table.js";
import type { Type } from "../type.js";
import type { Operand as Value } from "./operators.js";

export interface Operand extends Value {
  /** Undefined: an integer of 64 bits. */
  readonly type?: Type | undefined;
  /** Its type is what the program declares, not what somebody cast it to. */
  readonly isDeclared?: boolean;
  /** Where it lies. Undefined: it is only a value. */
  readonly place?: PlaceOf | undefined;
  /** Computed of what variables or registers hold: a value, and no address. */
  readonly isComputed?: boolean;
  /** What has no type is its address, as in assembler; this is what lies there. */
  readonly symbol?: Symbol | undefined;
}

/** A bit field is of the bytes at its place: from a bit on, so many bits. */
export interface PlaceOf {
  readonly location: Location | { readonly kind: "named"; readonly register: string };
  readonly bits?: { readonly offset: number; readonly width: number } | undefined;
}

/** Whether it stands for itself in a computation: an integer, a pointer, the bits of a float. */
export const isScalar = (type: Type): boolean => {
  const { kind } = plain(type);
  return kind !== "structure" && kind !== "union" && kind !== "array" && kind !== "void" && kind !== "function";
};

/** What is computed of it is a value. Of a number, a symbol, a structure or an array it is an address. */
export const isValue = ({ isComputed, place, type }: Operand): boolean =>
  isComputed ?? (place !== undefined && (type === undefined || isScalar(type)));

/** What an address of this type points at: its elements or its target. */
export const targetOf = (type: Type | undefined): Type | undefined => {
  if (type === undefined) return undefined;
  const of = plain(type);
  if (of.kind === "pointer") return of.target();
  return of.kind === "array" ? of.element() : undefined;
};

/** By how much one more moves an address: as in C. */
export const strideOf = (type: Type | undefined): bigint => {
  const target = targetOf(type);
  return target === undefined ? 1n : BigInt(Math.max(1, bytesOf(target)));
};

export const pointerTo = (target: Type): Type => ({ kind: "pointer", bytes: 8, target: () => target });

export const UNSIGNED: Readonly<Record<number, Type>> = Object.fromEntries(
  [1, 2, 4, 8].map((bytes) => [
    bytes,
    { kind: "integer", name: `uint${String(bytes * 8)}_t`, bytes, isSigned: false } satisfies Type,
  ]),
);
