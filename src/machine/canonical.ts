/** One byte string for each value of plain data: equal states have equal bytes, whatever order their keys were made in. */

/** The value's bytes: a tag, then the content; objects by sorted keys. */
export function canonicalBytes(value: unknown): Uint8Array {
  const out = new Writer();
  encode(value, out);
  return out.taken();
}

/** The bytes of a value, in its place: of what never changes they can be kept. */
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
    out.bytes(value.bytes);
  } else if (value instanceof Uint8Array) {
    out.byte(TAG.bytes);
    out.integer(value.length);
    out.bytes(value);
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

/** Below this an integer's zigzag is a 32-bit number; most are, and bigints take ten times as long. */
const SMALL = 0x8000_0000;

class Writer {
  private buffer = new Uint8Array(256);
  private length = 0;

  taken(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }

  byte(value: number): void {
    if (this.length === this.buffer.length) this.grow(1);
    this.buffer[this.length++] = value;
  }

  bytes(values: Uint8Array): void {
    if (this.length + values.length > this.buffer.length) this.grow(values.length);
    this.buffer.set(values, this.length);
    this.length += values.length;
  }

  /** Zigzag, then seven bits a byte. */
  integer(value: number): void {
    if (value >= SMALL || value <= -SMALL) {
      this.zigzag(BigInt(value));
      return;
    }
    let rest = value < 0 ? -value * 2 - 1 : value * 2;
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  bigint(value: bigint): void {
    if (value > -BIG_SMALL && value < BIG_SMALL) this.integer(Number(value));
    else this.zigzag(value);
  }

  private zigzag(value: bigint): void {
    let rest = value < 0n ? -value * 2n - 1n : value * 2n;
    while (rest >= 0x80n) {
      this.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.byte(Number(rest));
  }

  private grow(by: number): void {
    const grown = new Uint8Array(Math.max(this.length + by, this.buffer.length * 2));
    grown.set(this.buffer);
    this.buffer = grown;
  }
}

const BIG_SMALL = BigInt(SMALL);
