/** The accrued exception flags of fcsr (unprivileged spec, 11.2), and the pair that every operation returns. */

/** Inexact. */
export const NX = 1;
/** Underflow: tiny after rounding, and inexact. */
export const UF = 2;
/** Overflow. */
export const OF = 4;
/** Division of a finite non-zero number by zero. */
export const DZ = 8;
/** Invalid operation. */
export const NV = 16;

/** A result's bit pattern, and the flags to OR into fcsr. */
export interface Rounded {
  readonly bits: bigint;
  readonly flags: number;
}
