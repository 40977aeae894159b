/** The inverse of `canonicalBytes`: plain data from its byte string. */
import { canonicalBytes, TAG } from "./canonical.js";

/** The bytes are not the encoding of any value. */
export class CanonicalError extends Error {
  override readonly name = "CanonicalError";
}

/** @throws {CanonicalError} */
export function canonicalValue(bytes: Uint8Array): unknown {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  // A value has one encoding: sorted keys, shortest integers, and nothing after the end.
  const again = canonicalBytes(value);
  if (again.length !== bytes.length || again.some((byte, index) => byte !== bytes[index])) {
    throw new CanonicalError("not the encoding of the value that it decodes to");
  }
  return value;
}

/** Deeper than any state, and shallow enough for the stack. */
const MAX_DEPTH = 100;
const MAX_INTEGER_BYTES = 20;

class Reader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  value(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new CanonicalError("nested too deep");
    const tag = this.byte();
    switch (tag) {
      case TAG.undefined:
        return undefined;
      case TAG.null:
        return null;
      case TAG.false:
        return false;
      case TAG.true:
        return true;
      case TAG.number:
        return this.number();
      case TAG.bigint:
        return this.integer();
      case TAG.string:
        return this.text();
      case TAG.bytes: {
        const length = this.length();
        this.at += length;
        return this.bytes.slice(this.at - length, this.at);
      }
      case TAG.array:
        return Array.from({ length: this.length() }, () => this.value(depth + 1));
      case TAG.object:
        return Object.fromEntries(
          Array.from({ length: this.length() }, () => [this.key(), this.value(depth + 1)] as const),
        );
      default:
        throw new CanonicalError(`${String(tag)} is no tag`);
    }
  }

  private byte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw new CanonicalError("ends before its value does");
    this.at += 1;
    return byte;
  }

  private integer(): bigint {
    let zigzag = 0n;
    for (let index = 0; index < MAX_INTEGER_BYTES; index += 1) {
      const byte = this.byte();
      zigzag |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) return (zigzag & 1n) === 0n ? zigzag >> 1n : -((zigzag + 1n) >> 1n);
    }
    throw new CanonicalError("an integer without end");
  }

  private number(): number {
    const number = Number(this.integer());
    if (!Number.isSafeInteger(number)) throw new CanonicalError(`${String(number)} is no safe integer`);
    return number;
  }

  /** Each item takes at least one byte, so a length beyond the remaining bytes is wrong. */
  private length(): number {
    const length = this.number();
    if (length < 0 || length > this.bytes.length - this.at) throw new CanonicalError("a length beyond the bytes");
    return length;
  }

  private text(): string {
    return Array.from({ length: this.length() }, () => String.fromCharCode(this.number())).join("");
  }

  private key(): string {
    if (this.byte() !== TAG.string) throw new CanonicalError("a key that is no text");
    return this.text();
  }
}
