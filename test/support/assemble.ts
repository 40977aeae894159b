/** A small assembler over the instruction table, so that tests need no compiler: one call an instruction, labels by name. */
import { FORMATS, type Format } from "../../src/machine/isa/formats.js";
import { INSTRUCTION_BY_NAME } from "../../src/machine/isa/instruction-set.js";

export interface AssemblyOperands {
  readonly rd?: number;
  readonly rs1?: number;
  readonly rs2?: number;
  readonly rs3?: number;
  /** A number, or a label for a branch or jump to it. */
  readonly imm?: number | string;
  readonly uimm?: number;
  /** The rounding mode; dynamic where absent. */
  readonly rm?: number;
}

interface Pending {
  readonly name: string;
  readonly operands: AssemblyOperands;
}

type Item = { readonly bytes: readonly number[] } | { readonly label: string } | Pending;

const DYNAMIC = 7;

const immediateBits = (format: Format, imm: number): number => {
  switch (format) {
    case FORMATS.store:
    case FORMATS.fStore:
      return ((imm & 0xfe0) << 20) | ((imm & 0x1f) << 7);
    case FORMATS.B:
      return ((imm & 0x1000) << 19) | ((imm & 0x7e0) << 20) | ((imm & 0x1e) << 7) | ((imm & 0x800) >> 4);
    case FORMATS.U:
      return imm & ~0xfff;
    case FORMATS.J:
      return ((imm & 0x10_0000) << 11) | ((imm & 0x7fe) << 20) | ((imm & 0x800) << 9) | (imm & 0xf_f000);
    default:
      return imm << 20;
  }
};

const { R, store, B, amo, sfence, fStore, fff, fffRm, ffffRm, xff } = FORMATS;
const HAS_ROUNDING: ReadonlySet<Format> = new Set<Format>([fffRm, ffffRm, FORMATS.ffRm, FORMATS.xfRm, FORMATS.fxRm]);
const WITHOUT_RD: ReadonlySet<Format> = new Set<Format>([store, fStore, B]);
const WITH_RS2: ReadonlySet<Format> = new Set<Format>([R, store, B, amo, sfence, fStore, fff, fffRm, ffffRm, xff]);

/** The 32-bit encoding of an instruction of the table. */
export function encode(name: string, operands: AssemblyOperands = {}): number {
  const instruction = INSTRUCTION_BY_NAME.get(name);
  if (instruction === undefined) throw new Error(`no instruction ${name}`);
  const { rd = 0, rs1 = 0, rs2 = 0, rs3 = 0, imm, uimm, rm = DYNAMIC } = operands;
  if (typeof imm === "string") throw new Error(`${name}: a label needs a program`);
  const { format, match, mask } = instruction;
  let fields = (uimm ?? rs1) << 15;
  if (!WITHOUT_RD.has(format)) fields |= rd << 7;
  if (WITH_RS2.has(format)) fields |= rs2 << 20;
  if (format === FORMATS.ffffRm) fields |= rs3 << 27;
  if (imm !== undefined) fields |= immediateBits(format, imm);
  if (HAS_ROUNDING.has(format)) fields |= rm << 12;
  // The fixed bits win: an operand may lie where a format has none.
  return (match | (fields & ~mask)) >>> 0;
}

const littleEndian = (value: number, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, index) => (value >>> (8 * index)) & 0xff);

/** Builds a program piece by piece: `new Program().i("addi", { rd: 1, imm: 5 }).half(0x4501).bytes()`. */
export class Program {
  private readonly items: Item[] = [];

  /** An instruction by its name in the table. */
  i(name: string, operands: AssemblyOperands = {}): this {
    this.items.push({ name, operands });
    return this;
  }

  word(value: number): this {
    this.items.push({ bytes: littleEndian(value, 4) });
    return this;
  }

  half(value: number): this {
    this.items.push({ bytes: littleEndian(value, 2) });
    return this;
  }

  label(label: string): this {
    this.items.push({ label });
    return this;
  }

  /** Loads any 64-bit constant. */
  li(rd: number, value: bigint): this {
    const signed = BigInt.asIntN(64, value);
    const low = Number(BigInt.asIntN(12, signed));
    if (signed === BigInt(low)) return this.i("addi", { rd, imm: low });
    if (signed === BigInt.asIntN(32, signed)) {
      this.i("lui", { rd, imm: Number(BigInt.asIntN(32, signed - BigInt(low))) });
      return low === 0 ? this : this.i("addiw", { rd, rs1: rd, imm: low });
    }
    this.li(rd, (signed - BigInt(low)) >> 12n).i("slli", { rd, rs1: rd, imm: 12 });
    return low === 0 ? this : this.i("addi", { rd, rs1: rd, imm: low });
  }

  /** csrrw x0: writes the constant to a CSR, by way of a register. */
  csr(number: number, value: bigint, scratch = 31): this {
    return this.li(scratch, value).i("csrrw", { rs1: scratch, imm: number });
  }

  /** How many instructions. */
  get length(): number {
    return this.items.filter((item) => !("label" in item)).length;
  }

  bytes(): Uint8Array {
    const places = new Map<string, number>();
    let end = 0;
    for (const item of this.items) {
      if ("label" in item) places.set(item.label, end);
      else end += "bytes" in item ? item.bytes.length : 4;
    }
    const out: number[] = [];
    for (const item of this.items) {
      if ("bytes" in item) out.push(...item.bytes);
      else if ("name" in item) out.push(...littleEndian(encode(item.name, resolve(item, places, out.length)), 4));
    }
    return Uint8Array.from(out);
  }
}

function resolve({ operands }: Pending, places: ReadonlyMap<string, number>, at: number): AssemblyOperands {
  if (typeof operands.imm !== "string") return operands;
  const target = places.get(operands.imm);
  if (target === undefined) throw new Error(`no label ${operands.imm}`);
  return { ...operands, imm: target - at };
}

/** The registers' ABI numbers that tests use most. */
export const X = { zero: 0, ra: 1, sp: 2, t0: 5, t1: 6, t2: 7, s0: 8, s1: 9, a0: 10, a1: 11, a2: 12, a3: 13 } as const;
