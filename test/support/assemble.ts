/**
 * A small assembler over the instruction table, so that tests need no compiler: one call an instruction, labels by
 * name.
 */
import { encode, type Operands } from "./encode.js";

/** An immediate may be a label, for a branch or jump to it. */
export type AssemblyOperands = Omit<Operands, "imm"> & { readonly imm?: number | string };

interface Pending {
  readonly name: string;
  readonly operands: AssemblyOperands;
}

type Item = { readonly bytes: readonly number[] } | { readonly label: string } | Pending;

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

function resolve({ operands }: Pending, places: ReadonlyMap<string, number>, at: number): Operands {
  const { imm, ...others } = operands;
  if (typeof imm !== "string") return imm === undefined ? others : { ...others, imm };
  const target = places.get(imm);
  if (target === undefined) throw new Error(`no label ${imm}`);
  return { ...others, imm: target - at };
}

/** The registers' ABI numbers that tests use most. */
export const X = { zero: 0, ra: 1, sp: 2, t0: 5, t1: 6, t2: 7, s0: 8, s1: 9, a0: 10, a1: 11, a2: 12, a3: 13 } as const;
