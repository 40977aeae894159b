/** What lies at a place, as its type says: its text, and its members, elements or target as parts. */
import { hexAddress } from "../../../../reducers/hex.js";
import { memberPlace, placeBytes } from "../../../past/names/expression/at-place.js";
import { isScalar, type PlaceOf } from "../../../past/names/expression/operand.js";
import { bytesOf, membersOf, nameOf, plain, type FoundMember } from "../../../past/names/type-layout.js";
import type { ArrayType, Type } from "../../../past/names/type.js";
import { valueOfBytes, valueText } from "../../../past/names/value.js";
import { pointerText } from "./pointer-text.js";
import { partsOf, type Parts, type Shown, type ValueFormat, type View } from "./shown.js";

/** Of a structure or an array that is shown on one line: what is longer is cut, and seen in its parts. */
const LINE_CHARACTERS = 100;
/** What is larger is not read for its line. */
const LINE_BYTES = 4096;

export interface Typed {
  readonly type: Type;
  /** Undefined: it was optimized away. */
  readonly place: PlaceOf | undefined;
}

/** `expression`: what a client can evaluate for it, in the same frame. */
export function shownValue(
  name: string,
  { type, place }: Typed,
  {
    view,
    format,
    expression,
  }: { readonly view: View; readonly format: ValueFormat; readonly expression?: string | undefined },
): Shown {
  const common = { name, type: nameOf(type), evaluateName: expression };
  if (place === undefined) return { ...common, value: "<optimized out>", isReadOnly: true };
  const bytes = bytesOf(type) > LINE_BYTES ? new Uint8Array(0) : placeBytes(type, place, view.frame);
  const { location } = place;
  const address = location.kind === "memory" ? location.address : undefined;
  if (bytes === undefined) {
    const value = address === undefined ? "<not known>" : `<nothing is mapped at ${hexAddress(address)}>`;
    return { ...common, value, isReadOnly: true };
  }
  const of = plain(type);
  const pointer = of.kind === "pointer" ? (valueOfBytes({ type, bits: place.bits }, bytes) as bigint) : undefined;
  const reference = pointer ?? address;
  return {
    ...common,
    value: pointer === undefined ? lineOf({ type, place }, bytes, format) : pointerText(pointer, of, view),
    memoryReference: reference === undefined ? undefined : hexAddress(BigInt.asUintN(64, reference)),
    parts:
      pointer === undefined
        ? partsOfValue({ type, place }, view, expression)
        : partsOfTarget(pointer, of.kind === "pointer" ? of.target() : of, view, expression),
    place: isScalar(type) && location.kind !== "value" ? { place, type, view } : undefined,
    isReadOnly: !isScalar(type) || location.kind === "value",
  };
}

function lineOf(
  { type, place }: { readonly type: Type; readonly place: PlaceOf },
  bytes: Uint8Array,
  format: ValueFormat,
): string {
  const of = plain(type);
  if (bytes.length === 0 && of.kind !== "array") return "{…}";
  if (bytes.length === 0) return nameOf(type);
  const text = valueText(valueOfBytes({ type, bits: place.bits }, bytes), type, format.isHex);
  return isScalar(type) || text.length <= LINE_CHARACTERS ? text : `${text.slice(0, LINE_CHARACTERS - 1)}…`;
}

/** Undefined: it has none. */
function partsOfValue(
  { type, place }: { readonly type: Type; readonly place: PlaceOf },
  view: View,
  expression: string | undefined,
): Parts | undefined {
  const of = plain(type);
  switch (of.kind) {
    case "structure":
    case "union":
      return membersParts(membersOf(of), place, view, expression && `${operandText(expression)}.`);
    case "array":
      return elementsParts(of, place, view, expression);
    default:
      return undefined;
  }
}

/** A pointer to a structure has its members, another one what it points to. */
export function partsOfTarget(
  address: bigint,
  target: Type,
  view: View,
  expression: string | undefined,
): Parts | undefined {
  const of = plain(target);
  if (of.kind === "void" || of.kind === "function") return undefined;
  if (view.frame.read(BigInt.asUintN(64, address), 1) === undefined) return undefined;
  const place: PlaceOf = { location: { kind: "memory", address: BigInt.asUintN(64, address) } };
  const own = expression && operandText(expression);
  if (of.kind === "structure" || of.kind === "union") {
    // A structure that this file only declares is looked for in all others: once it is opened.
    const members = (): Parts | undefined => membersParts(membersOf(of), place, view, own && `${own}->`);
    return { count: undefined, list: (first, count, format) => members()?.list(first, count, format) ?? [] };
  }
  if (bytesOf(target) === 0) return undefined;
  const inner = own && `*${own}`;
  return partsOf([inner ?? "*"], (name, format) =>
    shownValue(name, { type: target, place }, { view, format, expression: inner }),
  );
}

const membersParts = (
  members: readonly FoundMember[],
  place: PlaceOf,
  view: View,
  prefix: string | undefined,
): Parts | undefined =>
  members.length === 0
    ? undefined
    : partsOf(members, (found, format) => {
        const { name } = found.member;
        return shownValue(
          name,
          { type: found.member.type(), place: memberPlace(place, found) },
          { view, format, expression: prefix && prefix + name },
        );
      });

function elementsParts(of: ArrayType, place: PlaceOf, view: View, expression: string | undefined): Parts | undefined {
  const element = of.element();
  const bits = 8 * bytesOf(element);
  const length = of.length ?? 0;
  if (length === 0 || bits === 0) return undefined;
  const placeAt = (index: number): PlaceOf =>
    memberPlace(place, {
      member: { name: "", offsetBits: 0, widthBits: undefined, type: () => element },
      offsetBits: index * bits,
    });
  return {
    count: length,
    areElements: true,
    list: (first, count, format) =>
      Array.from({ length: Math.max(0, Math.min(count, length - first)) }, (_, index) => {
        const name = `[${String(first + index)}]`;
        return shownValue(
          name,
          { type: element, place: placeAt(first + index) },
          { view, format, expression: expression && operandText(expression) + name },
        );
      }),
  };
}

/** What needs no brackets before a dot, or behind a star. */
const OPERAND = /^[A-Za-z_$][\w$]*(?:(?:\.|->)[A-Za-z_]\w*|\[\d+\])*$/;

const operandText = (expression: string): string => (OPERAND.test(expression) ? expression : `(${expression})`);
