/** Reads bytes with bounds checks, and LEB128 integers of variable length. Each integer has exactly one encoding. */

/** The bytes do not follow the format. The caller knows the place and turns this into a LogError. */
export class MalformedBytes extends Error {
  override readonly name: string = "MalformedBytes";
}

/** There are fewer bytes than announced. */
export class BytesEnded extends MalformedBytes {}

export class ByteReader {
  readonly #bytes: Uint8Array;
  #position: number;

  constructor(bytes: Uint8Array, position = 0) {
    this.#bytes = bytes;
    this.#position = position;
  }

  /** A second reader at the same place. */
  fork(): ByteReader {
    return new ByteReader(this.#bytes, this.#position);
  }

  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  byte(): number {
    const value = this.#bytes[this.#position];
    if (value === undefined) throw new BytesEnded("the bytes end before the value does");
    this.#position++;
    return value;
  }

  /** Returns a copy: otherwise an event that is kept would keep its whole segment in memory. */
  bytes(length: number): Uint8Array {
    this.skip(length);
    return this.#bytes.slice(this.#position - length, this.#position);
  }

  skip(length: number): void {
    if (length > this.remaining) throw new MalformedBytes("a length reaches beyond the bytes");
    this.#position += length;
  }

  /** Skips an integer of any length. Only `varint` and `varint64` check the length. */
  skipVarint(): void {
    while (this.byte() >= 0x80);
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw new MalformedBytes("an integer is above 2^53 - 1");
      if (byte < 0x80) return requireShortest(byte, scale === 1, value);
      scale *= 0x80;
    }
  }

  varint64(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (value >> 64n !== 0n) break;
      if (byte < 0x80) return requireShortest(byte, shift === 0n, value);
    }
    throw new MalformedBytes("an integer is above 2^64 - 1");
  }
}

const requireShortest = <T>(lastByte: number, isOnlyByte: boolean, value: T): T => {
  if (lastByte === 0 && !isOnlyByte) throw new MalformedBytes("an integer is longer than it needs to be");
  return value;
};
