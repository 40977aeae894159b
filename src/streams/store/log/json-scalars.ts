/** The scalars that JSON lacks. A U64 is always a decimal string, small or large. Bytes are lower-case hex. */
import * as t from "io-ts";
import { bytesOfHex, hexOfBytes } from "../../../reducers/hex.js";

const MAX_U64 = (1n << 64n) - 1n;

/** Always a string, so that a reader never has to handle both a number and a string. */
export const DecimalU64 = new t.Type<bigint, string>(
  "DecimalU64",
  (value): value is bigint => typeof value === "bigint",
  (value, context) => {
    if (typeof value === "string" && /^(0|[1-9]\d{0,19})$/.test(value)) {
      const number = BigInt(value);
      if (number <= MAX_U64) return t.success(number);
    }
    return t.failure(value, context, "expected a 64-bit integer as a decimal string");
  },
  String,
);

export const HexBytes = new t.Type<Uint8Array, string>(
  "HexBytes",
  (value): value is Uint8Array => value instanceof Uint8Array,
  (value, context) =>
    typeof value === "string" && /^([0-9a-f]{2})*$/.test(value)
      ? t.success(bytesOfHex(value))
      : t.failure(value, context, "expected bytes as lower-case hex"),
  (bytes) => hexOfBytes(bytes),
);
