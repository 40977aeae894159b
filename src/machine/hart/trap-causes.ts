/** Exception and interrupt numbers (privileged spec, table of mcause values). */
export const TRAP_CAUSE = {
  instructionAccessFault: 1n,
  illegalInstruction: 2n,
  breakpoint: 3n,
  loadAddressMisaligned: 4n,
  loadAccessFault: 5n,
  storeAddressMisaligned: 6n,
  storeAccessFault: 7n,
  ecallFromU: 8n,
  instructionPageFault: 12n,
  loadPageFault: 13n,
  storePageFault: 15n,
} as const;

export const INTERRUPT = { ssi: 1n, msi: 3n, sti: 5n, mti: 7n, sei: 9n, mei: 11n } as const;

/** Set in xcause for an interrupt. */
export const INTERRUPT_BIT = 1n << 63n;
