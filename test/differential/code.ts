/** A case's code as it grows: 16- and 32-bit encodings, closed by an ebreak. */
import { encode, type Operands } from "../support/encode.js";

const EBREAK = 0x0010_0073;

export class Code {
  private readonly halfwords: number[] = [];

  get offset(): number {
    return this.halfwords.length * 2;
  }

  get firstWord(): number {
    return ((this.halfwords[0] ?? 0) | ((this.halfwords[1] ?? 0) << 16)) >>> 0;
  }

  word(raw: number): this {
    this.halfwords.push(raw & 0xffff, raw >>> 16);
    return this;
  }

  half(raw: number): this {
    this.halfwords.push(raw & 0xffff);
    return this;
  }

  add(name: string, operands: Operands = {}): this {
    return this.word(encode(name, operands));
  }

  /** rd = value, by whatever number of instructions it takes. */
  constant(rd: number, value: bigint): this {
    const low = BigInt.asIntN(12, value);
    const rest = BigInt.asIntN(64, value - low);
    if (BigInt.asIntN(32, rest) === rest) {
      if (rest === 0n) return this.add("addi", { rd, imm: Number(low) });
      this.add("lui", { rd, imm: Number(rest) });
      return low === 0n ? this : this.add("addiw", { rd, rs1: rd, imm: Number(low) });
    }
    this.constant(rd, BigInt.asUintN(52, rest >> 12n));
    this.add("slli", { rd, rs1: rd, imm: 12 });
    return low === 0n ? this : this.add("addi", { rd, rs1: rd, imm: Number(low) });
  }

  bytes(): Uint8Array {
    const closed = [...this.halfwords, EBREAK & 0xffff, EBREAK >>> 16];
    const bytes = new Uint8Array(closed.length * 2);
    const view = new DataView(bytes.buffer);
    closed.forEach((halfword, index) => view.setUint16(index * 2, halfword, true));
    return bytes;
  }
}
