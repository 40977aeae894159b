/** A sequence of instructions with labels: what an assembler does with a page of text, and no more. */
import { encode, type Operands } from "../support/encode.js";

interface Item {
  readonly name: string;
  readonly operands: Operands;
  readonly label?: string;
}

export class Program {
  private readonly items: Item[] = [];
  private readonly labels = new Map<string, number>();

  get offset(): number {
    return this.items.length * 4;
  }

  label(name: string): this {
    this.labels.set(name, this.offset);
    return this;
  }

  add(name: string, operands: Operands = {}): this {
    this.items.push({ name, operands });
    return this;
  }

  /** A branch or jal to a label. */
  to(name: string, label: string, operands: Operands = {}): this {
    this.items.push({ name, operands, label });
    return this;
  }

  /** rd = the address `target`, relative to where the program starts; one of its labels, or an offset. */
  address(rd: number, target: string | number): this {
    const from = this.offset;
    const to = typeof target === "number" ? target : (this.labels.get(target) ?? NaN);
    if (Number.isNaN(to)) throw new Error(`${String(target)} must come before its use`);
    const distance = to - from;
    const upper = (distance + 0x800) & ~0xfff;
    return this.add("auipc", { rd, imm: upper }).add("addi", { rd, rs1: rd, imm: distance - upper });
  }

  offsetOf(label: string): number {
    const offset = this.labels.get(label);
    if (offset === undefined) throw new Error(`no label ${label}`);
    return offset;
  }

  words(): Uint32Array {
    return Uint32Array.from(this.items, ({ name, operands, label }, index) =>
      encode(name, label === undefined ? operands : { ...operands, imm: this.offsetOf(label) - index * 4 }),
    );
  }
}
