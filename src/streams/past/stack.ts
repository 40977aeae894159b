/** The calls that led to where a hart stands, by call frame information and by frame pointers. */
import { integerOf } from "../../machine/little-endian.js";
import { seenBy, type Inspected } from "../../machine/inspect.js";
import { FIRST_CSR_REGISTER, frameWithin, instructionOf, TopFrame } from "./names/frame.js";
import type { FrameReader, SourceLine, UnwindRules } from "./names/name-source.js";
import type { Names } from "./names/names.js";
import { isTrapPlace, trapVectorRules } from "./names/trap-vector.js";

/** A call: where it is, in words. */
export class StackFrame {
  readonly #frame: FrameReader;
  /** The instruction that executes, or that comes after the call. */
  readonly pc: bigint;
  readonly function: string | undefined;
  /** Of `pc` in the function. */
  readonly offset: bigint | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** It has no frame of its own: its code stands in the next one's. */
  readonly isInlined: boolean;

  /** @internal */
  constructor(frame: FrameReader, place: StackPlace) {
    this.#frame = frame;
    this.pc = frame.pc;
    this.function = place.function;
    this.offset = place.offset;
    this.file = place.file;
    this.line = place.line;
    this.column = place.column;
    this.isInlined = place.isInlined;
  }

  /** For its variables; an inlined call has the registers of what it stands in. All of the machine hangs on it. */
  get frame(): FrameReader {
    return this.#frame;
  }

  /** 64-bit values are decimal texts. */
  toJSON(): object {
    const { pc, function: called, offset, file, line, isInlined } = this;
    return { pc: String(pc), function: called, offset: offset?.toString(), file, line, isInlined };
  }
}

type StackPlace = Pick<StackFrame, "function" | "offset" | "file" | "line" | "column" | "isInlined">;

/** A guest may write a stack that never ends. */
export const MAX_FRAMES = 256;

/** Innermost first. Ends where no rule leads on. */
export function stackOf(names: Names, state: Inspected, hart: number): readonly StackFrame[] {
  const frames: StackFrame[] = [];
  let frame: FrameReader | undefined = new TopFrame({ at: seenBy(state, hart) }, names, (inner) =>
    callerOf(inner, names),
  );
  while (frame !== undefined && frames.length < MAX_FRAMES) {
    frames.push(...framesAt(names, frame));
    const rules = rulesAt(frame, names);
    const caller: FrameReader | undefined =
      rules === undefined ? byReturnAddress(frame, names) : callerBy(rules, frame, names);
    if (caller !== undefined && isSame(caller, frame)) break;
    frame = caller;
  }
  return frames.slice(0, MAX_FRAMES);
}

/** The calls that were inlined there, and the function itself. */
function framesAt(names: Names, frame: FrameReader): readonly StackFrame[] {
  const at = instructionOf(frame);
  const symbol = names.functionAt(at);
  const offset = symbol === undefined ? undefined : frame.pc - symbol.address;
  const lines: readonly (SourceLine | undefined)[] = names.linesAt(at);
  const shown = lines.length === 0 ? [undefined] : lines;
  return shown.map((line, index) => {
    const isOutermost = index === shown.length - 1;
    return new StackFrame(frameWithin(frame, index), {
      function: (isOutermost ? symbol?.name : undefined) ?? line?.function,
      offset: isOutermost ? offset : undefined,
      file: line?.file,
      line: line?.line,
      column: line?.column,
      isInlined: !isOutermost,
    });
  });
}

/** As far as rules lead. */
function callerOf(frame: FrameReader, names: Names): FrameReader | undefined {
  const rules = rulesAt(frame, names);
  return rules && callerBy(rules, frame, names);
}

/** Those of the sources; a trap vector, which is assembly, is left as what it is. */
function rulesAt(frame: FrameReader, names: Names): UnwindRules | undefined {
  const at = instructionOf(frame);
  const told = names.unwindRules(at);
  if (told !== undefined) return told;
  const symbol = names.functionAt(at);
  return symbol && trapVectorRules(frame, symbol.address);
}

function callerBy(rules: UnwindRules, frame: FrameReader, names: Names): FrameReader | undefined {
  const address = rules.canonicalFrameAddress(frame);
  if (address === undefined) return undefined;
  const pc = rules.register(rules.returnRegister, frame, address);
  if (pc === undefined || !isCode(pc, rules, frame, names)) return undefined;
  const { isSignalFrame } = rules;
  return frameOf(
    { pc, isCaller: !isSignalFrame },
    (register) => {
      if (isSignalFrame && isTrapPlace(register)) return undefined;
      if (isOfHart(register)) return frame.register(register);
      return register === SP ? address : rules.register(register, frame, address);
    },
    frame,
    names,
  );
}

/**
 * Whether a frame can go on there. Behind a call is code that has a name, or is at least in memory; where a trap came
 * from, a page may have been missing: that was the trap.
 */
const isCode = (pc: bigint, { isSignalFrame }: UnwindRules, inner: FrameReader, names: Names): boolean =>
  pc !== 0n &&
  pc % 2n === 0n &&
  (isSignalFrame || names.functionAt(pc - 1n) !== undefined || inner.read(pc - 2n, 2) !== undefined);

/**
 * Where nothing tells how a frame is left: what is no caller may have called nothing yet, and returns to ra; the
 * others keep ra and their caller's frame pointer below their own (RISC-V ABIs specification, "Frame Pointer
 * Convention").
 */
function byReturnAddress(frame: FrameReader, names: Names): FrameReader | undefined {
  const framePointer = frame.register(FP) ?? 0n;
  const saved = framePointer === 0n ? undefined : frame.read(framePointer - 16n, 16);
  const [callersFp, ra] = saved === undefined ? [] : [integerOf(saved.subarray(0, 8)), integerOf(saved.subarray(8))];
  if (ra !== undefined && callersFp !== undefined && names.functionAt(ra - 1n) !== undefined) {
    const registers = new Map([
      [SP, framePointer],
      // Stacks grow down. Whoever has none, at the outer end, leaves what it found.
      [FP, callersFp > framePointer ? callersFp : 0n],
    ]);
    return returnedTo(ra, (register) => registers.get(register));
  }
  const direct = frame.isCaller === true ? undefined : frame.register(RA);
  if (direct === undefined || names.functionAt(direct - 1n) === undefined) return undefined;
  return returnedTo(direct, (register) => (register === RA ? undefined : frame.register(register)));

  function returnedTo(pc: bigint, register: FrameReader["register"]): FrameReader {
    const inFrame = (number: number) => (isOfHart(number) ? frame.register(number) : register(number));
    return frameOf({ pc, isCaller: true }, inFrame, frame, names);
  }
}

const frameOf = (
  place: Pick<FrameReader, "pc" | "isCaller">,
  register: FrameReader["register"],
  inner: FrameReader,
  names: Names,
): FrameReader => {
  const frame: FrameReader = {
    ...place,
    register,
    caller: () => callerOf(frame, names),
    canonicalFrameAddress: () => rulesAt(frame, names)?.canonicalFrameAddress(frame),
    read: (address, bytes) => inner.read(address, bytes),
  };
  return frame;
};

/** gp, tp and CSRs belong to no function. */
const isOfHart = (register: number): boolean => register === GP || register === TP || register >= FIRST_CSR_REGISTER;

/** A frame that leads to itself leads nowhere. */
const isSame = (a: FrameReader, b: FrameReader): boolean => a.pc === b.pc && a.register(SP) === b.register(SP);

const RA = 1;
const SP = 2;
const GP = 3;
const TP = 4;
const FP = 8;

/** One line each, as gdb has it. */
export const stackText = (frames: readonly StackFrame[]): string =>
  frames
    .map(({ pc, function: name, offset, file, line, isInlined }, index) => {
      const where = name === undefined ? "??" : `${name}${offset === undefined ? "" : `+0x${offset.toString(16)}`}`;
      const at = file === undefined ? "" : ` at ${file}:${String(line)}`;
      const address = isInlined ? "inlined".padEnd(ADDRESS_WIDTH) : `0x${pc.toString(16).padStart(16, "0")}`;
      return `#${String(index).padEnd(2)} ${address} in ${where}${at}`;
    })
    .join("\n");

const ADDRESS_WIDTH = 18;
