/** How the frames of kernel code are left: by the frame pointer, by what the code shows, and through a trap. */
import type { UnwindRules } from "../name-source.js";
import {
  accessesStack,
  CALLEE_SAVED,
  MAX_EPILOGUE_BYTES,
  MAX_PROLOGUE_BYTES,
  RA,
  scanEpilogue,
  scanPrologue,
  SP,
} from "../frame-scan.js";
import { addressBehind, offsetFrom, scannedRules, type AddressIn } from "../scanned-rules.js";
import { TRAP_FRAME } from "./trap-frame.js";

/** The function around an instruction. */
export interface KernelFunction {
  readonly name: string;
  readonly start: bigint;
}

/** Undefined: registers are being saved or restored there, and the stack can't be read. */
export function kernelUnwindRules(
  { name, start }: KernelFunction,
  pc: bigint,
  read: (address: bigint, byteLength: number) => Uint8Array | undefined,
): UnwindRules | undefined {
  const passed = Number(pc - start);
  if (ENTRY_CODE.test(name)) {
    const code = read(start, Math.min(passed, MAX_ENTRY_BYTES)) ?? NO_CODE;
    return hasTrapFrame(name, code) ? TRAP_FRAME : undefined;
  }
  // No instruction begins at an odd address: it stands for the call before it, behind which the function goes on.
  const ahead = pc % 2n === 0n ? scanEpilogue(read(pc, MAX_EPILOGUE_BYTES) ?? NO_CODE) : undefined;
  if (ahead !== undefined) {
    return rules(
      (frame) => offsetFrom(frame.register(SP), ahead.frameBytes),
      // What is behind the stack pointer's present place is counted from there.
      new Map([...ahead.loads].map(([register, offset]) => [register, offset - ahead.frameBytes])),
    );
  }
  const prologue = scanPrologue(read(start, Math.min(passed, MAX_PROLOGUE_BYTES)) ?? NO_CODE);
  return rules(addressBehind(prologue), prologue.saved);
}

/** Where a trap comes and goes, and where tasks begin: the stack pointer is at a `pt_regs` there. */
const ENTRY_CODE = /^(handle_exception|handle_syscall|check_syscall_nr|ret_from_\w+|resume_\w+|restore_all)$/;
export const MAX_ENTRY_BYTES = 1024;
const NO_CODE = new Uint8Array();
const PC_OFFSET = 0;
const SP_OFFSET = 16;

/** On the way in, the pc is stored after all others but a few; on the way out, the stack pointer is loaded last. */
const hasTrapFrame = (name: string, code: Uint8Array): boolean =>
  name === "handle_exception"
    ? accessesStack(code, "sd", undefined, PC_OFFSET)
    : !accessesStack(code, "ld", SP, SP_OFFSET);

const rules = (canonicalFrameAddress: AddressIn, saved: ReadonlyMap<number, number>): UnwindRules =>
  scannedRules({
    canonicalFrameAddress,
    saved,
    isKept: (register) => CALLEE_SAVED.has(register) || KEPT.has(register),
    returnRegister: RA,
    isSignalFrame: false,
  });

/** gp and tp belong to no function. */
const KEPT: ReadonlySet<number> = new Set([3, 4]);
