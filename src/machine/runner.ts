/** Runs the engine, a budget at a time, and counts the instructions that it retired. */
import type { Engine } from "./engine/engine.js";

/** One call of the engine is bounded, so that a run can be as long as it likes. */
const MAX_BUDGET = 1 << 30;
/**
 * The first is short, and each may be as long as all before it: V8 brings optimised code into use where a function is called, and
 * the interpreter's loop is one call. One of some million instructions would stay with the code that V8 makes first.
 */
const FIRST_BUDGET = 200_000;

export class Runner {
  /** Retired since the start of the run; within a call of the engine, before that call. */
  icount = 0;
  /** The last call was ended by `breakOff`. */
  isBrokenOff = false;
  /** Of the engine's next call. */
  private longestBudget = FIRST_BUDGET;
  private isRunning = false;
  /** Where the present call ends at the latest. */
  private endIcount = 0;

  constructor(
    private readonly engine: Engine,
    private readonly clockShift: number,
  ) {}

  /** Also within a call. */
  get presentIcount(): number {
    return this.isRunning ? this.engine.icountInRun() : this.icount;
  }

  /** One call. `idle`: the hart waits for an interrupt that is not there. */
  run(untilIcount: number, clockBiasNs: bigint): ReturnType<Engine["run"]> {
    const { engine, clockShift } = this;
    const insns = Math.min(untilIcount - this.icount, this.longestBudget);
    const endIcount = this.icount + insns;
    this.endIcount = endIcount;
    const wasInTrapLoop = engine.isInTrapLoop;
    this.isRunning = true;
    this.isBrokenOff = false;
    const end = engine.run({ insns, endIcount, clockBiasNs, clockShift });
    this.isRunning = false;
    const { remainingInsns } = engine;
    this.icount = endIcount - remainingInsns;
    if (this.longestBudget < MAX_BUDGET)
      this.longestBudget = Math.min(this.longestBudget + insns - remainingInsns, MAX_BUDGET);
    // The traps that led into the loop retired nothing: one instruction is counted for them, or the states before and
    // after would have the same position.
    if (end === "idle" && !wasInTrapLoop && engine.isInTrapLoop) this.icount += 1;
    return end;
  }

  /** Ends the call after the present instruction. */
  endCall(): void {
    this.engine.endRun();
  }

  /** The same where the call would go beyond an icount. */
  endCallBefore(icount: number): void {
    if (icount < this.endIcount) this.endCall();
  }

  /** Ends the call after the present instruction, for somebody outside; between two calls there is nothing to end. */
  breakOff(): void {
    if (!this.isRunning) return;
    this.isBrokenOff = true;
    this.endCall();
  }
}
