/** Guest registers in a trace: read once where the trace needs them, and written through to memory at each change. */
import type { Assembler, Local } from "../../wasm/assembler.js";
import type { Code } from "../expressions/compiled-values.js";
import type { GuestRegisters } from "../compiled/compiled-ops.js";

export class TraceRegisters implements GuestRegisters {
  private readonly locals = new Map<number, Local>();
  /** Those that are read before they are certainly written. */
  private readonly loaded = new Set<number>();

  constructor(
    private readonly asm: Assembler,
    private readonly base: number,
  ) {}

  get isUsed(): boolean {
    return this.locals.size > 0;
  }

  read(index: number): Local {
    const known = this.locals.get(index);
    if (known !== undefined) return known;
    this.loaded.add(index);
    return this.localOf(index);
  }

  write(index: number, value: Code, mayNot: boolean): void {
    const { asm } = this;
    asm.i32(0);
    value();
    asm.tee(mayNot ? this.read(index) : this.localOf(index));
    asm.memory("i64.store", this.base + index * 8);
  }

  load(): void {
    const { asm } = this;
    for (const index of this.loaded) {
      asm.i32(0);
      asm.memory("i64.load", this.base + index * 8);
      asm.set(this.localOf(index));
    }
  }

  private localOf(index: number): Local {
    let local = this.locals.get(index);
    if (local === undefined) this.locals.set(index, (local = this.asm.local("i64")));
    return local;
  }
}
