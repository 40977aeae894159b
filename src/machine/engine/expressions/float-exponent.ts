/** Tests a result's exponent, to rule out flags that the operation might have raised. */
import type { FloatFormat } from "../../float/operations.js";
import type { Label } from "../../wasm/assembler.js";
import type { Code, CompiledValues } from "./compiled-values.js";

/** Gives up unless the exponent field is at least `lowest` and at most that of the largest finite number. */
export const requireExponent = (
  o: CompiledValues,
  format: FloatFormat,
  bits: Code,
  lowest: bigint,
  giveUp: Label,
): void => {
  const exponent = o.and(o.shrU(bits, o.i64(FRACTION_BITS[format])), o.i64(EXPONENT_MASK[format]));
  o.geU(o.sub(exponent, o.i64(lowest)), o.i64(EXPONENT_MASK[format] - lowest))();
  o.asm.brIf(giveUp);
};

const FRACTION_BITS = { s: 23n, d: 52n } as const;
const EXPONENT_MASK = { s: 0xffn, d: 0x7ffn } as const;
