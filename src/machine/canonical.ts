/** One byte string for each value of plain data. Equal states have equal bytes, whatever the order of their keys. */
import { ByteWriter } from "./byte-writer.js";

/** The value's bytes: a tag, then the content. Objects have sorted keys. */
export function canonicalBytes(value: unknown): Uint8Array {
  const out = new Writer(256);
  encode(value, out);
  return out.view().slice();
}

/** Whether two values of plain data are equal, whatever the order of their keys. */
export function isSameValue(a: unknown, b: unknown): boolean {
  const [left, right] = [canonicalBytes(a), canonicalBytes(b)];
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/** The bytes of a value within a larger one. They can be kept for a value that never changes. */
export class Canonical {
  readonly bytes: Uint8Array;

  constructor(value: unknown) {
    this.bytes = canonicalBytes(value);
  }
}

export const TAG = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  number: 4,
  bigint: 5,
  string: 6,
  bytes: 7,
  array: 8,
  object: 9,
} as const;

function encode(value: unknown, out: Writer): void {
  switch (typeof value) {
    case "undefined":
      out.byte(TAG.undefined);
      return;
    case "boolean":
      out.byte(value ? TAG.true : TAG.false);
      return;
    case "number":
      if (!Number.isSafeInteger(value)) throw new RangeError(`${String(value)} is no part of a state`);
      out.byte(TAG.number);
      out.integer(value);
      return;
    case "bigint":
      out.byte(TAG.bigint);
      out.bigint(value);
      return;
    case "string":
      out.byte(TAG.string);
      out.integer(value.length);
      for (let index = 0; index < value.length; index += 1) out.integer(value.charCodeAt(index));
      return;
    case "object":
      encodeObject(value, out);
      return;
    default:
      throw new TypeError(`a ${typeof value} is no part of a state`);
  }
}

function encodeObject(value: object | null, out: Writer): void {
  if (value === null) {
    out.byte(TAG.null);
  } else if (value instanceof Canonical) {
    out.append(value.bytes);
  } else if (value instanceof Uint8Array) {
    out.byte(TAG.bytes);
    out.integer(value.length);
    out.append(value);
  } else if (Array.isArray(value)) {
    out.byte(TAG.array);
    out.integer(value.length);
    for (const item of value) encode(item, out);
  } else {
    const members = value as Readonly<Record<string, unknown>>;
    const keys = Object.keys(members).sort();
    out.byte(TAG.object);
    out.integer(keys.length);
    for (const key of keys) {
      encode(key, out);
      encode(members[key], out);
    }
  }
}

/** Below this, an integer's zigzag is a 32-bit number. Most are, and bigints take ten times as long. */
const SMALL = 0x8000_0000;

class Writer extends ByteWriter {
  /** Zigzag, then seven bits per byte. */
  integer(value: number): void {
    if (value >= SMALL || value <= -SMALL) this.zigzag(BigInt(value));
    else this.unsigned(value < 0 ? -value * 2 - 1 : value * 2);
  }

  bigint(value: bigint): void {
    if (value > -BIG_SMALL && value < BIG_SMALL) this.integer(Number(value));
    else this.zigzag(value);
  }

  private zigzag(value: bigint): void {
    this.unsignedBig(value < 0n ? -value * 2n - 1n : value * 2n);
  }
}

const BIG_SMALL = BigInt(SMALL);
