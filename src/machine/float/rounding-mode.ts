/** The encodings of rm and frm (unprivileged spec, table 11.1). The caller resolves DYN, and traps on 5 and 6. */
export type RoundingMode = 0 | 1 | 2 | 3 | 4;

/** To nearest, ties to even. */
export const RNE = 0;
/** Towards zero. */
export const RTZ = 1;
/** Down, towards minus infinity. */
export const RDN = 2;
/** Up, towards plus infinity. */
export const RUP = 3;
/** To nearest, ties to maximum magnitude. */
export const RMM = 4;
