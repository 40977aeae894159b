/**
 * How each scalar codec of the events is laid out in the log: one column codec per scalar, and no other description.
 */
import type * as t from "io-ts";

import { Bytes, Count, Text, U32, U64, U8 } from "../../../reducers/scalars.js";
import type { ByteWriter } from "../../../machine/byte-writer.js";
import type { ByteReader } from "./bytes.js";
import { MalformedBytes } from "./bytes.js";

/**
 * A column is all values of one field of one kind of event in a segment; each is written with regard to the one before
 * it.
 */
export interface ColumnCodec {
  /** What the first value of a column has before it. */
  readonly initial: unknown;
  write(out: ByteWriter, value: unknown, previous: unknown): void;
  read(input: ByteReader, previous: unknown): unknown;
  /** Goes past a value, to where the next one begins; whether it is a good one is seen when it is read. */
  skip(input: ByteReader): void;
}

/** Throws for a codec without a layout: an event with it could not be recorded. */
export const columnCodecOf = (scalar: t.Mixed): ColumnCodec => {
  const codec = COLUMN_CODECS.get(scalar);
  if (codec === undefined) {
    throw new Error(
      `the scalar codec ${scalar.name} has no layout in the log: add it to src/streams/store/log/wire.ts`,
    );
  }
  return codec;
};

const column = <T>(codec: {
  readonly initial: T;
  write(out: ByteWriter, value: T, previous: T): void;
  read(input: ByteReader, previous: T): T;
  skip(input: ByteReader): void;
}): ColumnCodec => codec;

export const VARINT = column<number>({
  initial: 0,
  write(out, value) {
    out.unsignedSafe(value);
  },
  read: (input) => input.varint(),
  skip(input) {
    input.skipVarint();
  },
});

/** The difference to the one before, modulo 2^64 and zigzag: deadlines and clock readings lie near each other. */
const u64Column = column<bigint>({
  initial: 0n,
  write(out, value, previous) {
    const difference = BigInt.asIntN(64, value - previous);
    out.unsignedBig(BigInt.asUintN(64, (difference << 1n) ^ (difference >> 63n)));
  },
  read(input, previous) {
    const zigzag = input.varint64();
    return BigInt.asUintN(64, previous + ((zigzag >> 1n) ^ -(zigzag & 1n)));
  },
  skip(input) {
    input.skipVarint();
  },
});

const bytesColumn = column<Uint8Array>({
  initial: new Uint8Array(),
  write(out, value) {
    out.unsignedSafe(value.length);
    out.append(value);
  },
  read: (input) => input.bytes(input.varint()),
  skip(input) {
    input.skip(input.varint());
  },
});

const textColumn = column<string>({
  initial: "",
  write(out, value) {
    const bytes = new TextEncoder().encode(value);
    out.unsignedSafe(bytes.length);
    out.append(bytes);
  },
  read(input) {
    const bytes = input.bytes(input.varint());
    try {
      // A decoder that strips a byte-order mark would give back another text than was recorded.
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (cause) {
      throw new MalformedBytes("a text is not UTF-8", { cause });
    }
  },
  skip(input) {
    input.skip(input.varint());
  },
});

const COLUMN_CODECS = new Map<t.Mixed, ColumnCodec>([
  [U8, VARINT],
  [U32, VARINT],
  [Count, VARINT],
  [U64, u64Column],
  [Bytes, bytesColumn],
  [Text, textColumn],
]);
