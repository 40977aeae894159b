/** Expressions of 32 bits: addresses in the engine's memory, page numbers, flags. `CompiledValues` are the guest's. */
import type { Assembler, Local } from "../wasm/assembler.js";
import type { MemoryOpcode, Opcode } from "../wasm/opcodes.js";
import { CONTROL, type ControlField } from "./layout.js";

/** Code that leaves an i32. */
export type Word = () => void;

/** A local, as a word. */
export interface WordVariable extends Word {
  readonly set: (value: Word) => void;
  /** Sets it, and leaves its new value. */
  readonly tee: (value: Word) => Word;
}

type Load = Extract<MemoryOpcode, "i32.load" | "i32.load16_u" | "i32.load8_u">;
type Store = Extract<MemoryOpcode, "i32.store" | "i32.store16" | "i32.store8">;

export class Words {
  constructor(readonly asm: Assembler) {}

  add = this.binary("i32.add");
  sub = this.binary("i32.sub");
  mul = this.binary("i32.mul");
  and = this.binary("i32.and");
  or = this.binary("i32.or");
  shl = this.binary("i32.shl");
  shrU = this.binary("i32.shr_u");
  divU = this.binary("i32.div_u");
  eq = this.binary("i32.eq");
  ltU = this.binary("i32.lt_u");
  leU = this.binary("i32.le_u");
  gtU = this.binary("i32.gt_u");
  geS = this.binary("i32.ge_s");

  not(a: Word): Word {
    return () => {
      a();
      this.asm.op("i32.eqz");
    };
  }

  i32(value: number): Word {
    return () => {
      this.asm.i32(value);
    };
  }

  get(local: Local): Word {
    return () => {
      this.asm.get(local);
    };
  }

  variable(): WordVariable {
    const local = this.asm.local("i32");
    const tee = (value: Word) => (): void => {
      value();
      this.asm.tee(local);
    };
    const set = (value: Word): void => {
      value();
      this.asm.set(local);
    };
    return Object.assign(this.get(local), { set, tee });
  }

  select(condition: Word, then: Word, otherwise: Word): Word {
    return () => {
      then();
      otherwise();
      condition();
      this.asm.op("select");
    };
  }

  /** The offset of an entry in a table of 32-bit words. */
  index(entry: Word): Word {
    return this.shl(entry, this.i32(2));
  }

  /** The low half of a control variable. */
  control(name: ControlField): Word {
    return this.load("i32.load", this.i32(0), CONTROL[name]);
  }

  setControl(name: ControlField, value: Word): void {
    this.store("i32.store", this.i32(0), CONTROL[name], value);
  }

  /** `base` is a table's address, or an offset in bytes. */
  load(opcode: Load, index: Word, base = 0): Word {
    return () => {
      index();
      this.asm.memory(opcode, base);
    };
  }

  store(opcode: Store, index: Word, base: number, value: Word): void {
    index();
    value();
    this.asm.memory(opcode, base);
  }

  fill(address: Word, byte: number, bytes: number): void {
    address();
    this.asm.i32(byte);
    this.asm.i32(bytes);
    this.asm.fill();
  }

  when(condition: Word, then: () => void, otherwise?: () => void): void {
    condition();
    this.asm.if(then, otherwise);
  }

  /** Calls a function with i32s. What it returns stays on the stack. */
  call(functionIndex: number, ...inputs: readonly Word[]): void {
    for (const input of inputs) input();
    this.asm.call(functionIndex);
  }

  /** Repeats `body` while the condition that it returns is not 0. */
  repeat(body: () => Word): void {
    this.asm.loop((again) => {
      body()();
      this.asm.brIf(again);
    });
  }

  private binary(opcode: Opcode): (a: Word, b: Word) => Word {
    return (a, b) => () => {
      a();
      b();
      this.asm.op(opcode);
    };
  }
}
