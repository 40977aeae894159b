/**
 * How the frame of a trap vector is left that no source tells about: to where the trap came from. Nobody called it: in
 * ra is what the interrupted function had there.
 */
import { FIRST_CSR_REGISTER } from "./frame.js";
import { leavesStack, MAX_PROLOGUE_BYTES, scanPrologue } from "./frame-scan.js";
import type { FrameReader, UnwindRules } from "./name-source.js";
import { addressBehind, scannedRules } from "./scanned-rules.js";

/** The CSRs of each mode that takes traps (Privileged ISA, "CSR Listing"), and the bit of xstatus that is xIE. */
const MODES = [
  { tvec: 0x305, epc: 0x341, status: 0x300, interruptEnable: 1n << 3n },
  { tvec: 0x105, epc: 0x141, status: 0x100, interruptEnable: 1n << 1n },
].map(({ interruptEnable, ...csrs }) => ({
  tvec: FIRST_CSR_REGISTER + csrs.tvec,
  epc: FIRST_CSR_REGISTER + csrs.epc,
  status: FIRST_CSR_REGISTER + csrs.status,
  interruptEnable,
}));
/** The lowest bits of xtvec say how interrupts find their vector. */
const BASE = ~3n;

/** Where the last trap came from: of what that interrupted, nothing tells. */
export const isTrapPlace = (register: number): boolean => MODES.some(({ epc }) => epc === register);

/**
 * `start`: of the function that the frame is in. Undefined: it is no trap vector. They lead nowhere where another trap
 * may have come since, or the stack is not the interrupted one's.
 */
export function trapVectorRules(frame: FrameReader, start: bigint): UnwindRules | undefined {
  const mode = MODES.find(({ tvec }) => ((frame.register(tvec) ?? 0n) & BASE) === start);
  if (mode === undefined) return undefined;
  const code = frame.read(start, Math.min(Number(frame.pc - start), MAX_PROLOGUE_BYTES));
  const letsIn = ((frame.register(mode.status) ?? 0n) & mode.interruptEnable) !== 0n;
  const isReadable = code !== undefined && !letsIn && !leavesStack(code);
  const prologue = scanPrologue(code ?? NO_CODE, ALL);
  return scannedRules({
    canonicalFrameAddress: isReadable ? addressBehind(prologue) : () => undefined,
    saved: prologue.saved,
    isKept: () => true,
    returnRegister: mode.epc,
    isSignalFrame: true,
  });
}

const NO_CODE = new Uint8Array();
/** It must give back every register. */
const ALL: ReadonlySet<number> = new Set(Array.from({ length: 31 }, (_, index) => index + 1));
