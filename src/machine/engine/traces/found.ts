/** What the trace compiler's functions find, and how they go through it. */
import type { LocalVariable } from "../expressions/local-variable.js";
import type { Word, Words } from "../expressions/words.js";
import type { Layout } from "../layout.js";
import { compilerMemory, STEP_ROW_BYTES, type FoundField } from "./compiler-memory.js";

export class Found {
  private readonly fields: Readonly<Record<FoundField, number>>;
  private readonly steps: number;

  constructor(
    private readonly w: Words,
    layout: Layout,
  ) {
    const { found, steps } = compilerMemory(layout);
    this.fields = found;
    this.steps = steps;
  }

  get(field: FoundField): Word {
    return this.w.load("i32.load", this.w.i32(0), this.fields[field]);
  }

  set(field: FoundField, value: Word): void {
    this.w.store("i32.store", this.w.i32(0), this.fields[field], value);
  }

  /** `body` sees the row of each instruction of the path in `step`. There is one at least. */
  forEachStep(step: LocalVariable, body: () => void): void {
    const { w } = this;
    step.set(w.i32(this.steps));
    w.repeat(() => {
      body();
      return w.ltU(step.tee(w.add(step, w.i32(STEP_ROW_BYTES))), this.stepsEnd);
    });
  }

  get stepsEnd(): Word {
    const { w } = this;
    return w.add(w.mul(this.get("insns"), w.i32(STEP_ROW_BYTES)), w.i32(this.steps));
  }
}
