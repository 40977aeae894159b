/** Guest registers in locals. Loaded if the region uses them, and stored if it may have changed them. */
import type { Assembler, Local } from "../../wasm/assembler.js";
import type { Code } from "../expressions/compiled-values.js";
import type { GuestRegisters } from "../compiled/compiled-ops.js";

export class RegisterLocals implements GuestRegisters {
  private readonly locals = new Map<number, Local>();
  private readonly written = new Set<number>();

  constructor(
    private readonly asm: Assembler,
    private readonly base: number,
  ) {}

  read(index: number): Local {
    let local = this.locals.get(index);
    if (local === undefined) {
      local = this.asm.local("i64");
      this.locals.set(index, local);
    }
    return local;
  }

  get isUsed(): boolean {
    return this.locals.size > 0;
  }

  write(index: number, value: Code): void {
    this.written.add(index);
    value();
    this.asm.set(this.read(index));
  }

  load(): void {
    for (const [index, local] of this.locals) {
      this.asm.i32(0);
      this.asm.memory("i64.load", this.base + index * 8);
      this.asm.set(local);
    }
  }

  writeBack(): void {
    for (const index of this.written) {
      this.asm.i32(0);
      this.asm.get(this.read(index));
      this.asm.memory("i64.store", this.base + index * 8);
    }
  }
}
