/**
 * The interrupts that devices raise at a hart: mcause codes, which are also bits of mip (privileged architecture, table
 * of mcause values).
 */

export const HART_INTERRUPT = { msi: 3, mti: 7, sei: 9, mei: 11 } as const;
