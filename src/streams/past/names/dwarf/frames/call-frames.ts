/** How the frame of an instruction is left, from the call frame information of a file. */
import type { FrameReader, UnwindRules } from "../../name-source.js";
import type { ElfSections } from "../file/elf-sections.js";
import { valueOf, type Context, type Expression } from "../values/expression.js";
import { FrameSection } from "./frame-section.js";
import { rulesAt, type FrameRules, type RegisterRule } from "./frame-rules.js";

export class CallFrames {
  private readonly sections: readonly FrameSection[];

  constructor(
    sections: ElfSections,
    private readonly movedBy: bigint,
  ) {
    this.sections = [".debug_frame", ".eh_frame"].flatMap((name) => {
      const section = sections.find(name);
      return section === undefined ? [] : [new FrameSection(section)];
    });
  }

  /** `pc`: as the program was linked. Undefined: the file does not tell it. @throws {DwarfError} */
  rulesAt(pc: bigint): UnwindRules | undefined {
    for (const section of this.sections) {
      const frame = section.find(pc);
      if (frame === undefined) continue;
      const { returnRegister, isSignalFrame } = section.common(frame.commonAt);
      return { ...unwinding(rulesAt(section, frame, pc), this.movedBy), returnRegister, isSignalFrame };
    }
    return undefined;
  }
}

const unwinding = (
  { canonicalFrame, registers }: FrameRules,
  movedBy: bigint,
): Pick<UnwindRules, "canonicalFrameAddress" | "register"> => ({
  canonicalFrameAddress(frame) {
    if ("expression" in canonicalFrame) return valueOf(canonicalFrame.expression, contextOf(frame, movedBy));
    const base = frame.register(canonicalFrame.register);
    return base === undefined ? undefined : BigInt.asUintN(64, base + canonicalFrame.offset);
  },
  register(register, frame, canonicalFrameAddress) {
    const rule = registers.get(register) ?? defaultRule(register);
    return callersValue(rule, register, frame, canonicalFrameAddress, movedBy);
  },
});

/** RISC-V psABI, section 2.1: what a function that says nothing of a register leaves in it. */
function defaultRule(register: number): RegisterRule {
  if (register === STACK_POINTER) return { kind: "valueOffset", offset: 0n };
  return { kind: PRESERVED.has(register) ? "same" : "undefined" };
}

const STACK_POINTER = 2;
/** A function that calls none leaves `ra` as it is: it returns by it. gp, tp; s0 to s11; fs0 to fs11. */
const PRESERVED: ReadonlySet<number> = new Set([
  ...[1, 3, 4, 8, 9],
  ...[18, 19, 20, 21, 22, 23, 24, 25, 26, 27],
  ...[40, 41, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59],
]);

function callersValue(
  rule: RegisterRule,
  register: number,
  frame: FrameReader,
  canonicalFrameAddress: bigint,
  movedBy: bigint,
): bigint | undefined {
  const evaluated = (expression: Expression): bigint | undefined =>
    valueOf(expression, contextOf(frame, movedBy), [canonicalFrameAddress]);
  switch (rule.kind) {
    case "undefined":
      return undefined;
    case "same":
      return frame.register(register);
    case "register":
      return frame.register(rule.register);
    case "valueOffset":
      return BigInt.asUintN(64, canonicalFrameAddress + rule.offset);
    case "offset":
      return savedAt(frame, canonicalFrameAddress + rule.offset);
    case "valueExpression":
      return evaluated(rule.expression);
    case "expression": {
      const address = evaluated(rule.expression);
      return address === undefined ? undefined : savedAt(frame, address);
    }
  }
}

const REGISTER_BYTES = 8;

function savedAt(frame: FrameReader, address: bigint): bigint | undefined {
  const bytes = frame.read(BigInt.asUintN(64, address), REGISTER_BYTES);
  return bytes && new DataView(bytes.buffer, bytes.byteOffset, REGISTER_BYTES).getBigUint64(0, true);
}

/** No unit's addresses, and no other frame: the frame that is left must not need itself. */
const contextOf = (frame: FrameReader, movedBy: bigint): Context => ({
  unit: undefined,
  frame: {
    pc: frame.pc,
    register: (register) => frame.register(register),
    canonicalFrameAddress: () => undefined,
    read: (address, bytes) => frame.read(address, bytes),
  },
  movedBy,
  frameBase: () => undefined,
  entryValue: () => undefined,
  depth: 0,
});
