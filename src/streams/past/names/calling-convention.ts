/**
 * Where a function finds its parameters, and its caller the result: the integer and the hardware floating-point calling
 * conventions of C (RISC-V ELF psABI specification, "Procedure Calling Convention"), for registers of 64 bits.
 */
import { bytesOf, plain } from "./type-layout.js";
import type { FunctionType, StructureType, Type } from "./type.js";

/** More are not looked at: those behind them are left out. */
export const MAX_PARAMETERS = 64;
/** A larger structure is left out. */
export const MAX_ARGUMENT_BYTES = 4096;

/** A register a0 to a7 or fa0 to fa7, or a word of the stack at the call. */
export interface Carrier {
  readonly in: "a" | "fa" | "stack";
  readonly index: number;
  /** What it has of the value: from this byte on, so many. */
  readonly offset: number;
  readonly bytes: number;
}

export interface Passed {
  readonly type: Type;
  readonly bytes: number;
  readonly carriers: readonly Carrier[];
  /** It lies in memory, and the one carrier has its address. */
  readonly isByReference: boolean;
}

export interface Convention {
  /** Those that can be placed. */
  readonly parameters: readonly (Passed & { readonly name: string })[];
  /** Undefined: there is none, or it can't be placed. What is by reference is where a0 says at the call. */
  readonly result: Passed | undefined;
}

export function conventionOf(type: FunctionType): Convention {
  const floatBytes = type.floatRegisterBytes ?? 0;
  const result = new Allocation(floatBytes, RESULT_REGISTERS).place(type.result());
  const allocation = new Allocation(floatBytes, ARGUMENT_REGISTERS);
  if (result?.isByReference === true) allocation.integers += 1;
  const parameters: (Passed & { readonly name: string })[] = [];
  for (const parameter of type.parameters().slice(0, MAX_PARAMETERS)) {
    const { name } = parameter;
    const own = parameter.type();
    const passed = allocation.place(own);
    // Where one can't be placed, nobody knows where the next is. An empty structure is nowhere.
    if (passed === undefined && !isEmpty(own)) break;
    if (passed !== undefined && name !== "" && isSmall(passed)) parameters.push({ name, ...passed });
  }
  return { parameters, result: result !== undefined && isSmall(result) ? result : undefined };
}

const ARGUMENT_REGISTERS = 8;
const RESULT_REGISTERS = 2;
const WORD_BYTES = 8;

const isSmall = ({ bytes }: Passed): boolean => bytes <= MAX_ARGUMENT_BYTES;

const isEmpty = (type: Type): boolean => {
  const { kind } = plain(type);
  return (kind === "structure" || kind === "union" || kind === "array") && bytesOf(type) === 0;
};

/** Which registers are taken, and how much of the stack. */
class Allocation {
  integers = 0;
  private floats = 0;
  private stackWords = 0;

  constructor(
    private readonly floatBytes: number,
    private readonly registers: number,
  ) {}

  /** Undefined: it is nowhere, or nobody knows where. */
  place(type: Type): Passed | undefined {
    const bytes = bytesOf(type);
    if (bytes === 0) return undefined;
    const inFloats = this.inFloats(type);
    if (inFloats === "unknown") return undefined;
    if (inFloats !== undefined) return { type, bytes, carriers: inFloats, isByReference: false };
    if (bytes > 2 * WORD_BYTES) {
      const carriers = [this.word(0, WORD_BYTES)];
      return { type, bytes, carriers, isByReference: true };
    }
    return { type, bytes, carriers: this.words(type, bytes), isByReference: false };
  }

  /** Undefined: as integers are. */
  private inFloats(type: Type): readonly Carrier[] | "unknown" | undefined {
    if (this.floatBytes === 0) return undefined;
    const parts = partsOf(type, 0);
    if (parts === "unknown" || parts === undefined) return parts;
    const isFloat = parts.map((part) => part.isFloat && part.bytes <= this.floatBytes);
    const floats = isFloat.filter(Boolean).length;
    const integers = parts.length - floats;
    const isFitting =
      floats > 0 &&
      integers <= 1 &&
      parts.every(({ isFloat: isReal, bytes }) => bytes <= (isReal ? this.floatBytes : WORD_BYTES));
    if (!isFitting || this.floats + floats > this.registers || this.integers + integers > this.registers) {
      return undefined;
    }
    return parts.map(({ offset, bytes }, index): Carrier =>
      isFloat[index] === true
        ? { in: "fa", index: this.floats++, offset, bytes }
        : { in: "a", index: this.integers++, offset, bytes },
    );
  }

  private words(type: Type, bytes: number): readonly Carrier[] {
    if (bytes <= WORD_BYTES) return [this.word(0, bytes)];
    const isOnStack = this.integers >= this.registers;
    if (isOnStack && alignmentOf(type) > WORD_BYTES) this.stackWords += this.stackWords % 2;
    return [this.word(0, WORD_BYTES), this.word(WORD_BYTES, bytes - WORD_BYTES)];
  }

  private word(offset: number, bytes: number): Carrier {
    if (this.integers < this.registers) return { in: "a", index: this.integers++, offset, bytes };
    return { in: "stack", index: this.stackWords++, offset, bytes };
  }
}

interface Part {
  readonly isFloat: boolean;
  readonly offset: number;
  readonly bytes: number;
}

/** One or two scalars that it is made of; undefined: it is more, or a union; unknown: it has bit fields. */
function partsOf(type: Type, offset: number, depth = 0): readonly Part[] | "unknown" | undefined {
  const of = plain(type);
  switch (of.kind) {
    case "structure":
      return depth > DEEPEST ? undefined : partsOfStructure(of, offset, depth);
    case "array": {
      const element = of.element();
      if (of.length === undefined || of.length > SCALARS_IN_REGISTERS) return undefined;
      return joined(
        Array.from({ length: of.length }, (_, index) => partsOf(element, offset + index * bytesOf(element), depth + 1)),
      );
    }
    case "union":
    case "void":
    case "function":
      return undefined;
    default:
      return [{ isFloat: of.kind === "float", offset, bytes: of.bytes }];
  }
}

const SCALARS_IN_REGISTERS = 2;
const DEEPEST = 16;

function partsOfStructure(of: StructureType, offset: number, depth: number): ReturnType<typeof partsOf> {
  const members = of.members();
  if (of.bytes > 2 * WORD_BYTES || members.length > 2 * SCALARS_IN_REGISTERS) return undefined;
  if (members.some(({ widthBits }) => widthBits !== undefined)) return hasFloat(of) ? "unknown" : undefined;
  return joined(members.map((member) => partsOf(member.type(), offset + member.offsetBits / 8, depth + 1)));
}

const hasFloat = (of: StructureType): boolean => of.members().some((member) => plain(member.type()).kind === "float");

function joined(all: readonly ReturnType<typeof partsOf>[]): ReturnType<typeof partsOf> {
  const parts: Part[] = [];
  for (const some of all) {
    if (some === undefined || some === "unknown") return some;
    parts.push(...some);
  }
  return parts.length > SCALARS_IN_REGISTERS ? undefined : parts;
}

function alignmentOf(type: Type, depth = 0): number {
  const of = plain(type);
  if (depth > DEEPEST) return 1;
  if (of.kind === "array") return alignmentOf(of.element(), depth + 1);
  if (of.kind !== "structure" && of.kind !== "union") return bytesOf(of);
  return Math.max(1, ...of.members().map((member) => alignmentOf(member.type(), depth + 1)));
}
