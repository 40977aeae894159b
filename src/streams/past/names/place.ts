/** Places of a guest as people name them: in memory, or a register. */
import type { MemoryRange } from "../../../machine/engine/probes.js";
import type { Inspected } from "../../../machine/inspect.js";
import { hexAddress } from "../../../reducers/hex.js";
import { Expression, hasValue, type Operand, type Scope } from "./expression/index.js";
import { parseExpression } from "./expression/parse.js";
import { physicalParts } from "./memory.js";
import type { Location } from "./name-source.js";
import { PlaceError } from "./place-error.js";
import { bytesOf, plain } from "./type-layout.js";
import type { Type } from "./type.js";

/**
 * `jiffies`, `link.count`, `task->comm`, `buf[3]`, `$a0`, `name+offset`, an address, or one of them with `:width` in
 * bytes. An address is physical where RAM is, and else as the hart sees it.
 */
export type Place = string | bigint | number | { readonly address: bigint | number; readonly bytes?: number };

export interface Located {
  readonly location: Location | { readonly kind: "named"; readonly register: string };
  readonly bytes: number;
  /** Undefined: no source tells. */
  readonly type: Type | undefined;
  /** A bit field: from a bit of the bytes on. */
  readonly bits?: { readonly offset: number; readonly width: number } | undefined;
}

export interface MemoryPlace {
  readonly address: bigint;
  readonly bytes: number;
}

const DEFAULT_BYTES = 8;
export const MAX_PLACE_BYTES = 2 ** 20;
const WIDTH = /:(?<width>\d+)$/;

/** It says how many bytes lie there. */
export const hasWidth = (text: string): boolean => WIDTH.test(text);

/** @throws {PlaceError} */
export function locate(place: Place, scope: Scope): Located {
  if (typeof place === "bigint" || typeof place === "number")
    return inMemory(BigInt(place), DEFAULT_BYTES, String(place));
  if (typeof place !== "string")
    return inMemory(BigInt(place.address), place.bytes ?? DEFAULT_BYTES, hexAddress(place.address));
  const text = place.replace(WIDTH, "");
  const width = WIDTH.exec(place)?.groups?.["width"];
  if (text.trim() === "") throw notAPlace(place);
  const behind = offsetBehindName(text);
  const { location, bytes, type, bits } =
    behind === undefined
      ? placeOf(new Expression(text).in(scope), place)
      : movedBy(placeOf(new Expression(behind.name).in(scope), place), behind.offset, place);
  if (width === undefined && type !== undefined && bytes === 0) throw withoutSize(place);
  if (width === undefined) return checked({ location, bytes, type, bits }, place);
  return checked(
    { location, bytes: Number(width), type: withWidth(type, bytes, Number(width)), bits: undefined },
    place,
  );
}

/** Of what lies in memory. @throws {PlaceError} NOT_A_PLACE where it does not */
export function locateInMemory(place: Place, scope: Scope): MemoryPlace {
  const { location, bytes } = locate(place, scope);
  if (location.kind === "memory") return { address: location.address, bytes };
  throw new PlaceError(
    "NOT_A_PLACE",
    `${textOf(place)} is not in memory, but ${whereIs(location)}: give a place in memory`,
  );
}

/**
 * Where the bytes lie in memory. `seenFrom` is asked where that takes a page table. @throws {PlaceError} CANNOT_ACCESS
 */
export function physicalRanges({ address, bytes }: MemoryPlace, seenFrom: () => Inspected): readonly MemoryRange[] {
  const parts = physicalParts(seenFrom, address, bytes);
  if (parts !== undefined) return parts;
  throw new PlaceError(
    "CANNOT_ACCESS",
    `${hexAddress(address, 16)} is no memory, and no hart has it mapped to memory at icount ${String(seenFrom().position.icount)}`,
  );
}

/** `name+8` is behind the name's address, whatever the name's value is. */
function offsetBehindName(text: string): { readonly name: string; readonly offset: bigint } | undefined {
  const node = parseExpression(text);
  if (node.kind !== "binary" || node.operator !== "+") return undefined;
  const { left, right } = node;
  return left.kind === "name" && right.kind === "number" ? { name: left.name, offset: right.value } : undefined;
}

function movedBy(located: Located, offset: bigint, place: string): Located {
  const { location, bytes } = located;
  if (location.kind !== "memory") throw notAPlace(place);
  const left = BigInt(bytes) - offset;
  return {
    location: { kind: "memory", address: location.address + offset },
    // Behind the end of what has a name there may be more, but not of it.
    bytes: left > 0n ? Number(left) : DEFAULT_BYTES,
    type: undefined,
  };
}

function placeOf({ place, type, symbol, read }: Operand, text: string): Located {
  if (symbol !== undefined) {
    const bytes = symbol.sizeBytes === 0n ? DEFAULT_BYTES : Number(symbol.sizeBytes);
    return { location: { kind: "memory", address: symbol.address }, bytes, type: undefined };
  }
  if (place !== undefined) {
    const { location, bits } = place;
    if (bits === undefined) return { location, bytes: type === undefined ? DEFAULT_BYTES : bytesOf(type), type };
    const bytes = Math.ceil((bits.offset + bits.width) / 8);
    return { location, bytes, type, bits };
  }
  const address = read();
  if (!hasValue(address)) throw new PlaceError("CANNOT_ACCESS", `${text} has no value here, so it is no address`);
  return { location: { kind: "memory", address }, bytes: DEFAULT_BYTES, type: undefined };
}

/** For messages. */
export const textOf = (place: Place): string => (typeof place === "object" ? hexAddress(place.address) : String(place));

const inMemory = (address: bigint, bytes: number, place: string): Located =>
  checked({ location: { kind: "memory", address }, bytes, type: undefined }, place);

function checked(located: Located, place: string): Located {
  const { location, bytes } = located;
  const isInside = location.kind !== "memory" || location.address >= 0n;
  if (!isInside || !Number.isSafeInteger(bytes) || bytes < 1 || bytes > MAX_PLACE_BYTES) throw notAPlace(place);
  return location.kind === "memory"
    ? { ...located, location: { ...location, address: BigInt.asUintN(64, location.address) } }
    : located;
}

const notAPlace = (place: string): PlaceError =>
  new PlaceError(
    "NOT_A_PLACE",
    `${JSON.stringify(place)} is no place: give a name or an address, with members, +offset or :width as in link.count, ` +
      `task->comm, buf[3], jiffies:8 or 0x80002ed8:4; 1 to ${String(MAX_PLACE_BYTES)} bytes`,
  );

const withoutSize = (place: string): PlaceError =>
  new PlaceError(
    "NOT_A_PLACE",
    `${place}: its type does not tell its size; say how many bytes are meant, as in ${place}:64 (1 to ${String(MAX_PLACE_BYTES)})`,
  );

/** An array whose type leaves its length open is as long as somebody says; else other bytes are not of the type. */
function withWidth(type: Type | undefined, bytes: number, width: number): Type | undefined {
  if (type === undefined || bytes === width) return type;
  const of = plain(type);
  if (of.kind !== "array" || of.length !== undefined) return undefined;
  return { ...of, length: Math.floor(width / Math.max(1, bytesOf(of.element()))) };
}

const whereIs = (location: Exclude<Located["location"], { kind: "memory" }>): string =>
  location.kind === "named" || location.kind === "register" ? "a register" : "in parts or only a value";
