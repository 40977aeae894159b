/** A call that is under way, and what tells it from others of its function: its hart, and its place on the stack. */
import { hartOf, type Inspected } from "../../../machine/inspect.js";
import { PRIVILEGE } from "../../../machine/hart/mstatus.js";
import { instructionOf, TopFrame } from "../../past/names/frame.js";
import type { FrameReader, FunctionCode, SourceLine, UnwindRules } from "../../past/names/name-source.js";
import type { Names } from "../../past/names/names.js";
import { stackOf } from "../../past/stack.js";

export interface Activation {
  readonly hart: number;
  /** Undefined: nothing tells how it is left, and any call of the function passes for it. */
  readonly canonicalFrameAddress: bigint | undefined;
  /** The page table of a process; 0: it is none. */
  readonly space: bigint;
  /** Undefined: nothing is known of what executes. */
  readonly code: FunctionCode | undefined;
  /** Where it is: the innermost inlined call first. */
  readonly lines: readonly SourceLine[];
}

export interface CallUnderWay extends Activation {
  readonly pc: bigint;
  /** Undefined: nothing is known of its caller. */
  readonly returnsTo: bigint | undefined;
}

/** Those of a hart, the innermost first, without inlined ones. */
export function activationsOf(names: Names, at: Inspected, hart: number): readonly CallUnderWay[] {
  const frames = stackOf(names, at, hart).filter(({ isInlined }) => !isInlined);
  return frames.map(({ frame, pc }, index) => {
    const caller = frames[index + 1]?.frame;
    return {
      ...activationOf(names, at, hart, frame),
      pc,
      // Of a function whose own rules say nothing, the caller's stack pointer is the same.
      canonicalFrameAddress: frame.canonicalFrameAddress() ?? caller?.register(SP),
      returnsTo: caller?.isCaller === true ? caller.pc : undefined,
    };
  });
}

function activationOf(names: Names, at: Inspected, hart: number, frame: FrameReader): Activation {
  const instruction = instructionOf(frame);
  return {
    hart,
    canonicalFrameAddress: frame.canonicalFrameAddress(),
    space: spaceOf(at, hart),
    code: names.functionCode(instruction),
    lines: names.linesAt(instruction),
  };
}

/** The call that begins where a hart is about to execute a call: of a function, with this stack pointer. */
export const calledActivation = (names: Names, at: Inspected, hart: number, entry: bigint): Activation => ({
  hart,
  canonicalFrameAddress: at.harts[hart]?.x[SP],
  space: spaceOf(at, hart),
  code: names.functionCode(entry),
  lines: [],
});

/** Whether the hart that executes is in it, at one of its instructions. */
export function inActivation(activation: Activation, names: Names): (at: Inspected) => boolean {
  const rules = new Map<bigint, UnwindRules | undefined>();
  return (at) => {
    if (!isOfHart(activation, at)) return false;
    if (activation.canonicalFrameAddress === undefined) return true;
    const frame = new TopFrame({ at }, names);
    const { pc } = frame;
    // Only lines' beginnings are asked about: they are few.
    if (!rules.has(pc)) rules.set(pc, names.unwindRules(pc));
    const its = rules.get(pc)?.canonicalFrameAddress(frame);
    return its === undefined || its === activation.canonicalFrameAddress;
  };
}

/** Whether the hart that executes is where the call was made, or has just returned: its stack pointer says so. */
export const besideActivation =
  (activation: Activation) =>
  (at: Inspected): boolean =>
    isOfHart(activation, at) &&
    (activation.canonicalFrameAddress === undefined ||
      at.harts[activation.hart]?.x[SP] === activation.canonicalFrameAddress);

const isOfHart = ({ hart, space }: Activation, at: Inspected): boolean =>
  hartOf(at) === hart && spaceOf(at, hart) === space;

/** A process keeps its page table. A kernel's stacks are apart, whichever one is in use. */
function spaceOf({ harts }: Inspected, hart: number): bigint {
  const fields = harts[hart]?.fields;
  return fields?.privilege === PRIVILEGE.user ? fields.satp & PAGE_TABLE : 0n;
}

/** Of satp, without mode and ASID. */
const PAGE_TABLE = (1n << 44n) - 1n;
const SP = 2;
