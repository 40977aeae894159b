/**
 * The readable reference: the semantics table evaluated as it stands. No TLB, no decoded code, no cache of any kind:
 * each halfword is fetched and each access translated anew, and interrupts are looked at before every instruction.
 * The other engines must end in the same state, instruction by instruction.
 */
import type { Bus, Engine, RunEnd } from "../engine/engine.js";
import { EngineMemory } from "../engine/engine-memory.js";
import { ABORT, CONTROL, FIELD, layoutFor } from "../engine/layout.js";
import { Evaluator, InstructionLeft } from "./evaluate.js";
import { WAITING } from "./fields.js";
import { takePendingInterrupt } from "./trap.js";

export interface ReferenceOptions {
  readonly ramBytes: number;
  readonly evaluator?: (memory: EngineMemory, bus: Bus) => Evaluator;
}

export class ReferenceEngine implements Engine {
  readonly memory: EngineMemory;
  private readonly evaluator: Evaluator;

  constructor(bus: Bus, { ramBytes, evaluator = (memory, to) => new Evaluator(memory, to) }: ReferenceOptions) {
    const noCodePages = 0;
    this.memory = new EngineMemory(layoutFor(ramBytes, noCodePages));
    this.evaluator = evaluator(this.memory, bus);
  }

  run(budgetInsns: number): RunEnd {
    this.memory.setWord(CONTROL.remaining, BigInt(budgetInsns));
    this.memory.setWord(CONTROL.stash, 0n);
    for (;;) {
      const end = this.boundary();
      if (end !== undefined) return end;
      this.step();
    }
  }

  // Nothing is derived from state or memory, so only the pages' flags are left to keep.
  invalidate(): void {}
  writesNoted(): void {}

  ramWritten(offset: number, bytes: number): void {
    this.memory.markWritten(offset, bytes);
  }

  /** What comes between two instructions. */
  private boundary(): RunEnd | undefined {
    const { memory } = this;
    memory.setWord(CONTROL.remaining, memory.word(CONTROL.remaining) + memory.word(CONTROL.stash));
    memory.setWord(CONTROL.stash, 0n);
    if (memory.word(CONTROL.attention) !== 0n) return "attention";
    if (memory.word(CONTROL.remaining) === 0n) return "budget";
    this.evaluator.invoke(takePendingInterrupt);
    return memory.word(FIELD.waiting) === WAITING.no ? undefined : "idle";
  }

  private step(): void {
    const { memory } = this;
    // An instruction is counted off when it starts, and given back where it did not retire.
    memory.setWord(CONTROL.remaining, memory.word(CONTROL.remaining) - 1n);
    try {
      this.evaluator.step();
    } catch (reason) {
      if (!(reason instanceof InstructionLeft)) throw reason;
      if (!reason.isRetired) memory.setWord(CONTROL.remaining, memory.word(CONTROL.remaining) + 1n);
    }
    memory.setWord(CONTROL.abort, BigInt(ABORT.none));
  }
}
