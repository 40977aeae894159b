/** The scalar codecs of events and saved states. Each has one meaning on the wire. */
import * as t from "io-ts";

const MAX_U64 = (1n << 64n) - 1n;

const boundedInteger = (name: string, max: number): t.Type<number> =>
  new t.Type<number>(
    name,
    (value): value is number => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max,
    (value, context) =>
      Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max
        ? t.success(value as number)
        : t.failure(value, context, `expected an integer from 0 to ${String(max)}`),
    t.identity,
  );

/** A whole number from 0 to `max`. */
export const atMost = (max: number): t.Type<number> => boundedInteger(`AtMost${String(max)}`, max);

export const U8 = boundedInteger("U8", 0xff);
export const U32 = boundedInteger("U32", 0xffff_ffff);
/** Counts of instructions and events: exact as a JavaScript number (2^53 instructions are a year at 285 MIPS). */
export const Count = boundedInteger("Count", Number.MAX_SAFE_INTEGER);

const isU64 = (value: unknown): value is bigint => typeof value === "bigint" && value >= 0n && value <= MAX_U64;

/** 64-bit registers, addresses and nanoseconds. */
export const U64 = new t.Type<bigint>(
  "U64",
  isU64,
  (value, context) => (isU64(value) ? t.success(value) : t.failure(value, context, "expected a 64-bit bigint")),
  t.identity,
);

/** Raw bytes, such as a network frame or an entropy reading. Never mutated once they are in an event. */
export const Bytes = new t.Type<Uint8Array>(
  "Bytes",
  (value): value is Uint8Array => value instanceof Uint8Array,
  (value, context) =>
    value instanceof Uint8Array ? t.success(value) : t.failure(value, context, "expected a Uint8Array"),
  t.identity,
);

/** A short name in UTF-8: the id of a bottom half, a cause. */
export const Text = t.string;

/** A codec that accepts only the values for which `takes` is true. */
export const restricted = <A>(name: string, codec: t.Type<A>, takes: (value: A) => boolean): t.Type<A> =>
  new t.Type<A>(
    name,
    (value): value is A => codec.is(value) && takes(value),
    (value, context) =>
      codec.is(value) && !takes(value) ? t.failure(value, context, `not a ${name}`) : codec.validate(value, context),
    t.identity,
  );

/** SHA-256 of an image, as 64 lower-case hex digits. */
export const Sha256 = new t.Type<string>(
  "Sha256",
  (value): value is string => typeof value === "string" && /^[0-9a-f]{64}$/.test(value),
  (value, context) =>
    typeof value === "string" && /^[0-9a-f]{64}$/.test(value)
      ? t.success(value)
      : t.failure(value, context, "expected 64 lower-case hex digits"),
  t.identity,
);
