/** The frame that a hart executes in: its registers are those of the hart. */
import type { HartState } from "../../../machine/hart/registers.js";
import { CSRS } from "../../../machine/hart/csr.js";
import { hartOf, readCsr, type Inspected } from "../../../machine/inspect.js";
import { readMemory } from "./memory.js";
import type { FrameReader } from "./name-source.js";
import type { Names } from "./names.js";

/** DWARF counts the floating-point registers behind the integer ones (RISC-V DWARF specification). */
export const FIRST_FLOAT_REGISTER = 32;
/** And CSRs from here on, by their numbers. */
export const FIRST_CSR_REGISTER = 4096;

/** The frame that a scope means. */
export const frameIn = (scope: {
  readonly at: Inspected;
  readonly names: Names;
  readonly frame?: FrameReader | undefined;
}): FrameReader => scope.frame ?? new TopFrame(scope, scope.names);

/** The instruction that a frame is in: a call may be the last of a function, or of a variable's life. */
export const instructionOf = ({ pc, isCaller }: Pick<FrameReader, "pc" | "isCaller">): bigint =>
  isCaller === true ? pc - 1n : pc;

/** The frame of what so many inlined calls stand in. */
export const frameWithin = (frame: FrameReader, calls: number): FrameReader =>
  // No copy: what it reads is read when it is asked for.
  calls === 0 ? frame : (Object.create(frame, { within: { value: calls } }) as FrameReader);

/** Parameters first, then locals. */
export const variablesOf = (names: Names, frame: FrameReader): ReturnType<Names["variablesAt"]> =>
  names.variablesAt(instructionOf(frame), frame.within);

/** A condition makes one at every instruction, so it has no closures. What it reads is read when it is asked for. */
export class TopFrame implements FrameReader {
  constructor(
    private readonly seenFrom: { readonly at: Inspected },
    private readonly names: Names,
    private readonly callerOf?: (frame: FrameReader) => FrameReader | undefined,
  ) {}

  get pc(): bigint {
    return this.hart?.fields.pc ?? 0n;
  }

  register(register: number): bigint | undefined {
    if (register >= FIRST_CSR_REGISTER) return this.csr(register - FIRST_CSR_REGISTER);
    return register < FIRST_FLOAT_REGISTER ? this.hart?.x[register] : this.hart?.f[register - FIRST_FLOAT_REGISTER];
  }

  caller(): FrameReader | undefined {
    return this.callerOf?.(this);
  }

  canonicalFrameAddress(): bigint | undefined {
    return this.names.unwindRules(this.pc)?.canonicalFrameAddress(this);
  }

  read(address: bigint, bytes: number): Uint8Array | undefined {
    return readMemory(this.seenFrom.at, address, bytes);
  }

  private get hart(): HartState | undefined {
    const { at } = this.seenFrom;
    return at.harts[hartOf(at)];
  }

  private csr(number: number): bigint | undefined {
    const name = CSRS.get(number)?.name;
    return name === undefined ? undefined : readCsr(this.seenFrom.at, name);
  }
}
