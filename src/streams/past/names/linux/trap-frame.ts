/**
 * How a kernel's stack goes on below a trap: handle_exception has put all registers into a `pt_regs` on the kernel's
 * stack, and calls from there (Linux, arch/riscv/kernel/entry.S).
 */
import type { FrameReader, UnwindRules } from "../name-source.js";

/** Of a frame whose stack pointer is that of the `pt_regs`. */
export const TRAP_FRAME: UnwindRules = {
  canonicalFrameAddress: (frame) => {
    const registers = frame.register(SP);
    return registers === undefined ? undefined : savedRegister(frame, registers, SP);
  },
  register: (register, frame) => {
    const registers = frame.register(SP);
    return registers === undefined ? undefined : savedRegister(frame, registers, register);
  },
  // The column of the RISC-V ABI's DWARF numbers for where a trap returns to.
  get returnRegister() {
    return RETURN_COLUMN;
  },
  isSignalFrame: true,
};

const SP = 2;
const RETURN_COLUMN = 64;
const REGISTER_BYTES = 8;

/** `struct pt_regs` begins as `struct user_regs_struct`, which programs know: pc, then x1 to x31. */
function savedRegister(frame: FrameReader, registers: bigint, register: number): bigint | undefined {
  const index = register === RETURN_COLUMN ? 0 : register;
  if (index > 31 || (index === 0 && register !== RETURN_COLUMN)) return undefined;
  const bytes = frame.read(BigInt.asUintN(64, registers + BigInt(REGISTER_BYTES * index)), REGISTER_BYTES);
  return bytes === undefined ? undefined : new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
}
