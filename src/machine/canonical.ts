/** One byte string for each value of plain data: equal states have equal bytes, whatever order their keys were made in. */

/** Appends the value's bytes: a tag, then the content; objects by sorted keys. */
export function canonicalBytes(value: unknown): Uint8Array {
  const out: number[] = [];
  encode(value, out);
  return Uint8Array.from(out);
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

function encode(value: unknown, out: number[]): void {
  switch (typeof value) {
    case "undefined":
      out.push(TAG.undefined);
      return;
    case "boolean":
      out.push(value ? TAG.true : TAG.false);
      return;
    case "number":
      if (!Number.isSafeInteger(value)) throw new RangeError(`${String(value)} is no part of a state`);
      out.push(TAG.number);
      varint(BigInt(value), out);
      return;
    case "bigint":
      out.push(TAG.bigint);
      varint(value, out);
      return;
    case "string":
      out.push(TAG.string);
      varint(BigInt(value.length), out);
      for (let index = 0; index < value.length; index += 1) varint(BigInt(value.charCodeAt(index)), out);
      return;
    case "object":
      encodeObject(value, out);
      return;
    default:
      throw new TypeError(`a ${typeof value} is no part of a state`);
  }
}

function encodeObject(value: object | null, out: number[]): void {
  if (value === null) {
    out.push(TAG.null);
  } else if (value instanceof Uint8Array) {
    out.push(TAG.bytes);
    varint(BigInt(value.length), out);
    for (const byte of value) out.push(byte);
  } else if (Array.isArray(value)) {
    out.push(TAG.array);
    varint(BigInt(value.length), out);
    for (const item of value) encode(item, out);
  } else {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    out.push(TAG.object);
    varint(BigInt(entries.length), out);
    for (const [key, item] of entries) {
      encode(key, out);
      encode(item, out);
    }
  }
}

/** Zigzag, then seven bits a byte; small numbers, which most are, without bigint arithmetic. */
function varint(value: bigint, out: number[]): void {
  if (value >= 0n && value < 0x4000_0000n) {
    let rest = Number(value) * 2;
    while (rest >= 0x80) {
      out.push((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.push(rest);
    return;
  }
  let rest = value < 0n ? -value * 2n - 1n : value * 2n;
  while (rest >= 0x80n) {
    out.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  out.push(Number(rest));
}
