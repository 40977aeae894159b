/** What one file, or one kernel, says about the names of a guest's program. All of it is read when it is asked for. */
import type { Symbol } from "../../../machine/symbol-table.js";
import type { FunctionType, Type } from "./type.js";

export interface NameSource {
  /** For messages: the file's name, or `the kernel`. */
  readonly title: string;
  symbols(): readonly Symbol[];
  /** Where in the source an instruction is from. The innermost first; the others are what it was inlined into. */
  linesAt?(pc: bigint): readonly SourceLine[];
  /** The instructions at which a line begins, by address. `file`: a path's end, as `link.c`. */
  addressesOf?(file: string, line: number): readonly bigint[];
  /** The lines of a file that have instructions, in order; empty where it knows no such file. */
  linesOf?(file: string): readonly number[];
  /** Those that its lines are of, and perhaps others. */
  sourceFiles?(): readonly string[];
  /** Of the function that an instruction is part of. */
  functionCode?(pc: bigint): FunctionCode | undefined;
  /**
   * The variable that a name means: at an instruction, its function's own first. `within`: those of so many inlined
   * calls are not meant, but those of the function that they stand in.
   */
  variable?(name: string, pc?: bigint, within?: number): Variable | undefined;
  /** Those of the function (and of the block) at an instruction: parameters first, then locals. `within`: as above. */
  variablesAt?(pc: bigint, within?: number): readonly (Variable & { readonly isParameter: boolean })[];
  /** Those outside of functions in the file that an instruction was compiled from. */
  globalsAt?(pc: bigint): readonly Variable[];
  /** `struct task_struct`, `task_struct`, `u64`. */
  typeNamed?(name: string): Type | undefined;
  /** Of a function, by its name. */
  functionType?(name: string): FunctionType | undefined;
  /** How the frame of an instruction is left: call frame information. */
  unwindRules?(pc: bigint): UnwindRules | undefined;
}

export interface SourceLine {
  readonly function: string | undefined;
  /** As the file that was compiled names it, with its folder where that is told. */
  readonly file: string;
  readonly line: number;
  readonly column: number | undefined;
}

/** Where a function is, also in parts, and where its lines begin. */
export interface FunctionCode {
  readonly entry: bigint;
  readonly ranges: readonly { readonly start: bigint; readonly end: bigint }[];
  /** Statements that follow one of another line, by address; calls that are inlined into it have theirs here too. */
  readonly lineBegins: readonly bigint[];
  /** Written in assembly: nothing is told of it but lines, and its first one is a line like others. */
  readonly isAssembly?: boolean;
}

export interface Variable {
  readonly name: string;
  readonly type: Type;
  /** Undefined: it was optimized away, or is nowhere at this instruction. */
  locate(frame: FrameReader): Location | undefined;
}

/** Where a value is. Addresses are virtual. */
export type Location =
  | { readonly kind: "memory"; readonly address: bigint }
  /** An integer register x0 to x31 (0 to 31), or a floating-point register f0 to f31 (32 to 63), as DWARF counts. */
  | { readonly kind: "register"; readonly register: number }
  /** It is nowhere, but known. */
  | { readonly kind: "value"; readonly value: bigint }
  /** In parts (DW_OP_piece), from the lowest byte on. */
  | {
      readonly kind: "pieces";
      readonly pieces: readonly { readonly bytes: number; readonly at: Location | undefined }[];
    };

/** A frame of a stack, as what is located in it needs it. Undefined: not known in this frame, or not mapped. */
export interface FrameReader {
  readonly pc: bigint;
  /** As DWARF counts registers: x0 to x31, f0 to f31 from 32 on, CSRs from 4096 on. */
  register(register: number): bigint | undefined;
  /** The stack pointer of its caller at the call. */
  canonicalFrameAddress(): bigint | undefined;
  /** Bytes at a virtual address. */
  read(address: bigint, bytes: number): Uint8Array | undefined;
  /** Its `pc` is where a call returns to: what holds in the frame is told of the instruction before it. */
  readonly isCaller?: boolean;
  /** So many calls that are inlined where it stands are not meant, but what they are inlined into. */
  readonly within?: number;
  /** The frame that called it: what that passed may be told there. */
  caller?(): FrameReader | undefined;
}

/** The frame of the caller, from the present one. */
export interface UnwindRules {
  canonicalFrameAddress(frame: FrameReader): bigint | undefined;
  /**
   * The caller's register; undefined: not known. A register without a rule keeps its value where the calling
   * convention says so. The return address is that of the caller's `returnRegister`.
   */
  register(register: number, frame: FrameReader, canonicalFrameAddress: bigint): bigint | undefined;
  readonly returnRegister: number;
  /** Of a signal's or a trap's frame: the caller's pc is the instruction itself, not behind a call. */
  readonly isSignalFrame: boolean;
}
