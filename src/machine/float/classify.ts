/** fclass: a mask with one bit set (unprivileged spec, table 11.3). */
import type { Format } from "./format.js";

export const classify = (format: Format, a: bigint): bigint => {
  const isNegative = a >= format.signBit;
  const magnitude = BigInt.asUintN(format.width - 1, a);
  if (magnitude > format.infinity) return (magnitude & format.quietBit) === 0n ? 1n << 8n : 1n << 9n;
  if (magnitude === format.infinity) return isNegative ? 1n << 0n : 1n << 7n;
  if (magnitude >= format.impliedBit) return isNegative ? 1n << 1n : 1n << 6n;
  if (magnitude !== 0n) return isNegative ? 1n << 2n : 1n << 5n;
  return isNegative ? 1n << 3n : 1n << 4n;
};
