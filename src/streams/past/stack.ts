/** The calls that led to where a hart stands, by call frame information and by frame pointers. */
import { integerOf } from "../../machine/little-endian.js";
import { seenBy, type Inspected } from "../../machine/inspect.js";
import { FIRST_CSR_REGISTER, frameWithin, TopFrame } from "./names/frame.js";
import type { FrameReader, SourceLine, UnwindRules } from "./names/name-source.js";
import type { Names } from "./names/names.js";

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
  let isCall = false;
  while (frame !== undefined && frames.length < MAX_FRAMES) {
    // A call may be the last instruction of a function: what comes behind it is of another.
    const at: bigint = isCall ? frame.pc - 1n : frame.pc;
    frames.push(...framesAt(names, frame, at));
    const rules = names.unwindRules(at);
    const caller: FrameReader | undefined =
      rules === undefined ? byReturnAddress(frame, frames.length, names) : callerBy(rules, frame, names);
    if (caller !== undefined && isSame(caller, frame)) break;
    isCall = rules?.isSignalFrame !== true;
    frame = caller;
  }
  return frames.slice(0, MAX_FRAMES);
}

/** The calls that were inlined there, and the function itself. */
function framesAt(names: Names, frame: FrameReader, at: bigint): readonly StackFrame[] {
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
  const rules = names.unwindRules(frame.isCaller === true ? frame.pc - 1n : frame.pc);
  return rules && callerBy(rules, frame, names);
}

function callerBy(rules: UnwindRules, frame: FrameReader, names: Names): FrameReader | undefined {
  const address = rules.canonicalFrameAddress(frame);
  if (address === undefined) return undefined;
  const pc = rules.register(rules.returnRegister, frame, address);
  if (pc === undefined || pc === 0n) return undefined;
  return frameOf(
    pc,
    (register) => (register === SP ? address : rules.register(register, frame, address)),
    frame,
    names,
  );
}

/**
 * Where nothing tells how a frame is left: the innermost function may have called nothing yet, and returns to ra; the
 * others keep ra and their caller's frame pointer below their own (RISC-V ABIs specification, "Frame Pointer
 * Convention").
 */
function byReturnAddress(frame: FrameReader, depth: number, names: Names): FrameReader | undefined {
  const framePointer = frame.register(FP) ?? 0n;
  const saved = framePointer === 0n ? undefined : frame.read(framePointer - 16n, 16);
  const [callersFp, ra] = saved === undefined ? [] : [integerOf(saved.subarray(0, 8)), integerOf(saved.subarray(8))];
  if (ra !== undefined && callersFp !== undefined && names.functionAt(ra - 1n) !== undefined) {
    const registers = new Map([
      [SP, framePointer],
      // Stacks grow down. Whoever has none, at the outer end, leaves what it found.
      [FP, callersFp > framePointer ? callersFp : 0n],
    ]);
    return frameOf(ra, (register) => registers.get(register), frame, names);
  }
  const direct = depth === 1 ? frame.register(RA) : undefined;
  if (direct === undefined || names.functionAt(direct - 1n) === undefined) return undefined;
  return frameOf(direct, (register) => (register === RA ? undefined : frame.register(register)), frame, names);
}

const frameOf = (pc: bigint, register: FrameReader["register"], inner: FrameReader, names: Names): FrameReader => {
  const frame: FrameReader = {
    pc,
    isCaller: true,
    register: (number) => (isOfHart(number) ? inner.register(number) : register(number)),
    caller: () => callerOf(frame, names),
    canonicalFrameAddress: () => names.unwindRules(pc - 1n)?.canonicalFrameAddress(frame),
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
