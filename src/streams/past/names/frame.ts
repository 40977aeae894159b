/** The frame that a hart executes in: its registers are those of the hart. */
import type { HartState } from "../../../machine/hart/registers.js";
import { CSRS } from "../../../machine/hart/csr.js";
import { hartOf, readCsr, type Inspected } from "../../../machine/inspect.js";
import { readMemory } from "./memory.js";
import type { FrameReader, UnwindRules } from "./name-source.js";

/** DWARF counts the floating-point registers behind the integer ones (RISC-V DWARF specification). */
export const FIRST_FLOAT_REGISTER = 32;
/** And CSRs from here on, by their numbers. */
export const FIRST_CSR_REGISTER = 4096;

const csr = (seen: Inspected, number: number): bigint | undefined => {
  const name = CSRS.get(number)?.name;
  return name === undefined ? undefined : readCsr(seen, name);
};

/** @param seen Asked when something is read. */
export function topFrame(
  seen: () => Inspected,
  rulesAt: (pc: bigint) => UnwindRules | undefined,
  callerOf?: (frame: FrameReader) => FrameReader | undefined,
): FrameReader {
  const hart = (): HartState | undefined => seen().harts[hartOf(seen())];
  const frame: FrameReader = {
    get pc() {
      return hart()?.fields.pc ?? 0n;
    },
    register(register) {
      if (register >= FIRST_CSR_REGISTER) return csr(seen(), register - FIRST_CSR_REGISTER);
      return register < FIRST_FLOAT_REGISTER ? hart()?.x[register] : hart()?.f[register - FIRST_FLOAT_REGISTER];
    },
    caller: () => callerOf?.(frame),
    canonicalFrameAddress: () => rulesAt(frame.pc)?.canonicalFrameAddress(frame),
    read: (address, bytes) => readMemory(seen(), address, bytes),
  };
  return frame;
}
