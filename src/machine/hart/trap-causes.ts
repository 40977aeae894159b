/** Exception and interrupt numbers (privileged spec, table of mcause values). */
import { HART_INTERRUPT } from "../../reducers/hart-interrupts.js";

export const TRAP_CAUSE = {
  instructionAddressMisaligned: 0n,
  instructionAccessFault: 1n,
  illegalInstruction: 2n,
  breakpoint: 3n,
  loadAddressMisaligned: 4n,
  loadAccessFault: 5n,
  storeAddressMisaligned: 6n,
  storeAccessFault: 7n,
  ecallFromU: 8n,
  ecallFromS: 9n,
  ecallFromM: 11n,
  instructionPageFault: 12n,
  loadPageFault: 13n,
  storePageFault: 15n,
} as const;

/** The interrupts that devices raise, and those that only software raises. */
export const INTERRUPT = {
  ssi: 1n,
  msi: BigInt(HART_INTERRUPT.msi),
  sti: 5n,
  mti: BigInt(HART_INTERRUPT.mti),
  sei: BigInt(HART_INTERRUPT.sei),
  mei: BigInt(HART_INTERRUPT.mei),
} as const;

/** Set in xcause for an interrupt. */
export const INTERRUPT_BIT = 1n << 63n;

/** The exceptions' names by number, as in the privileged specification. */
export const EXCEPTION_NAMES: ReadonlyMap<bigint, string> = new Map([
  [TRAP_CAUSE.instructionAddressMisaligned, "instruction address misaligned"],
  [TRAP_CAUSE.instructionAccessFault, "instruction access fault"],
  [TRAP_CAUSE.illegalInstruction, "illegal instruction"],
  [TRAP_CAUSE.breakpoint, "breakpoint"],
  [TRAP_CAUSE.loadAddressMisaligned, "load address misaligned"],
  [TRAP_CAUSE.loadAccessFault, "load access fault"],
  [TRAP_CAUSE.storeAddressMisaligned, "store/AMO address misaligned"],
  [TRAP_CAUSE.storeAccessFault, "store/AMO access fault"],
  [TRAP_CAUSE.ecallFromU, "environment call from U mode"],
  [TRAP_CAUSE.ecallFromS, "environment call from S mode"],
  [TRAP_CAUSE.ecallFromM, "environment call from M mode"],
  [TRAP_CAUSE.instructionPageFault, "instruction page fault"],
  [TRAP_CAUSE.loadPageFault, "load page fault"],
  [TRAP_CAUSE.storePageFault, "store/AMO page fault"],
]);
