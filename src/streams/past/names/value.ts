/** Values of a guest's program as a program reads them, and as people do. */
import { bytesOfInteger, integerOf } from "../../../machine/little-endian.js";
import { hexAddress, hexOfBytes } from "../../../reducers/hex.js";
import { bitsOf, signedOf } from "./location-bytes.js";
import type { Located } from "./place.js";
import { bytesOf, isSigned, memberOf, plain } from "./type-layout.js";
import type { StructureType, Type } from "./type.js";

/**
 * Integers, pointers and enumerations are bigints, signed as their types; characters in an array are a text, up to its
 * NUL; a structure is an object of its members. What has no type is an unsigned bigint up to 8 bytes, and bytes beyond.
 */
export type GuestValue =
  bigint | number | boolean | string | Uint8Array | readonly GuestValue[] | { readonly [member: string]: GuestValue };

/** A structure in a structure in a structure ... */
export const MAX_VALUE_DEPTH = 8;
/** Of an array, and of a structure's members. */
export const MAX_ELEMENTS = 65_536;

/** The bytes are those of the place. */
export function valueOfBytes({ type, bits }: Pick<Located, "type" | "bits">, bytes: Uint8Array): GuestValue {
  if (type === undefined) return bytes.length <= 8 ? integerOf(bytes) : bytes;
  if (bits !== undefined && IN_BYTES.has(plain(type).kind)) {
    // Of a structure in a register.
    return decode(type, bytesOfInteger(bitsOf(bytes, bits, false), Math.ceil(bits.width / 8)), 0);
  }
  if (bits !== undefined) return ofBits(type, bitsOf(bytes, bits, isSigned(type)));
  return decode(type, bytes, 0);
}

const IN_BYTES: ReadonlySet<Type["kind"]> = new Set(["structure", "union", "array", "float"] as const);

function decode(type: Type, bytes: Uint8Array, depth: number): GuestValue {
  const of = plain(type);
  switch (of.kind) {
    case "void":
    case "function":
      return bytes;
    case "float":
      return floatOf(bytes);
    case "array":
      return decodeArray(of.element(), of.length ?? 0, bytes, depth);
    case "structure":
    case "union":
      return depth >= MAX_VALUE_DEPTH ? bytes : decodeStructure(of, bytes, depth);
    default:
      return ofBits(of, signedOf(bytes, isSigned(of)));
  }
}

function decodeArray(element: Type, length: number, bytes: Uint8Array, depth: number): GuestValue {
  const size = bytesOf(element);
  if (isCharacter(element)) return textOf(bytes);
  if (size === 0 || depth >= MAX_VALUE_DEPTH) return bytes;
  const count = Math.min(length, MAX_ELEMENTS, Math.floor(bytes.length / size));
  return Array.from({ length: count }, (_, index) =>
    decode(element, bytes.subarray(index * size, (index + 1) * size), depth + 1),
  );
}

function decodeStructure(of: StructureType, bytes: Uint8Array, depth: number): GuestValue {
  const members: Record<string, GuestValue> = {};
  for (const member of of.members().slice(0, MAX_ELEMENTS)) {
    const { name, offsetBits, widthBits } = member;
    const type = member.type();
    const at = Math.floor(offsetBits / 8);
    const width = widthBits === undefined ? undefined : { offset: offsetBits % 8, width: widthBits };
    const size = width === undefined ? bytesOf(type) : Math.ceil((width.offset + width.width) / 8);
    const part = bytes.subarray(at, at + size);
    const value =
      width === undefined ? decode(type, part, depth + 1) : ofBits(type, bitsOf(part, width, isSigned(type)));
    // The members of an anonymous structure are those of the one that it is in.
    if (name !== "") members[name] = value;
    else if (isMembers(value)) Object.assign(members, value);
  }
  return members;
}

const isMembers = (value: GuestValue): value is { readonly [member: string]: GuestValue } =>
  typeof value === "object" && !Array.isArray(value) && !(value instanceof Uint8Array);

const ofBits = (type: Type, value: bigint): GuestValue => (plain(type).kind === "boolean" ? value !== 0n : value);

/** Of signed and unsigned char alike, as gdb has it: C's texts are of either. */
const isCharacter = (type: Type): boolean => {
  const of = plain(type);
  return of.kind === "character" && of.bytes === 1;
};

const textOf = (bytes: Uint8Array): string => {
  const end = bytes.indexOf(0);
  return new TextDecoder("utf-8").decode(end < 0 ? bytes : bytes.subarray(0, end));
};

function floatOf(bytes: Uint8Array): number | Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length === 4) return view.getFloat32(0, true);
  return bytes.length === 8 ? view.getFloat64(0, true) : bytes;
}

export const MAX_SHOWN = 200;

/** As gdb prints it, on one line: `{count = 3, name = "ab", next = 0x80001000}`. `isHex`: as its `print /x` does. */
export function valueText(value: GuestValue, type?: Type, isHex = false): string {
  const of = type === undefined ? undefined : plain(type);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return isHex ? hexText(value, of) : integerText(value, of);
  if (typeof value === "number") return String(value);
  if (typeof value === "boolean") return String(value);
  if (value instanceof Uint8Array) return hexOfBytes(value.subarray(0, MAX_SHOWN));
  if (Array.isArray(value)) {
    const element = of?.kind === "array" ? of.element() : undefined;
    return `{${runs(value.map((one: GuestValue) => valueText(one, element, isHex))).join(", ")}}`;
  }
  const typeOf = (name: string): Type | undefined =>
    of?.kind === "structure" || of?.kind === "union" ? memberOf(of, name)?.member.type() : undefined;
  return `{${Object.entries(value)
    .map(([name, one]) => `${name} = ${valueText(one, typeOf(name), isHex)}`)
    .join(", ")}}`;
}

type PlainType = Exclude<Type, { kind: "alias" }>;

function integerText(value: bigint, of: PlainType | undefined): string {
  if (of === undefined || of.kind === "pointer") return hexText(value, of);
  if (of.kind === "enumeration") {
    return of.enumerators().find((one) => one.value === value)?.name ?? String(value);
  }
  return of.kind === "character" ? withCharacter(String(value), value) : String(value);
}

/** Without a sign. */
function hexText(value: bigint, of: PlainType | undefined): string {
  const text = hexAddress(BigInt.asUintN(8 * (of === undefined ? 8 : bytesOf(of)), value));
  return of?.kind === "character" ? withCharacter(text, value) : text;
}

const withCharacter = (text: string, value: bigint): string =>
  value >= 0x20n && value < 0x7fn ? `${text} '${String.fromCharCode(Number(value))}'` : text;

/** The same one again and again is said once, as gdb does. */
function runs(texts: readonly string[]): readonly string[] {
  const shown: string[] = [];
  for (let at = 0; at < texts.length;) {
    const text = texts[at] ?? "";
    let end = at + 1;
    while (texts[end] === text) end += 1;
    if (end - at >= REPEATS) shown.push(`${text} <repeats ${String(end - at)} times>`);
    else shown.push(...texts.slice(at, end));
    at = end;
    if (shown.length >= MAX_SHOWN) return [...shown.slice(0, MAX_SHOWN), "..."];
  }
  return shown;
}

const REPEATS = 10;
