/** Runs the engine, one budget at a time, and counts the retired instructions. */
import type { Engine } from "./engine/engine.js";

/** The most instructions in one call of the engine, so that a run can have any length. */
const MAX_BUDGET = 1 << 30;
/**
 * The first call is short, and each later one may be as long as all before it. V8 starts to use optimised code when a
 * function is called, and the interpreter's loop is one call. A first call of millions of instructions would stay in
 * V8's unoptimised code.
 */
const FIRST_BUDGET = 200_000;

export class Runner {
  /** Instructions retired since the start of the run. During a call of the engine, those before that call. */
  icount = 0;
  /** Whether `breakOff` ended the last call. */
  isBrokenOff = false;
  /** The longest budget of the next call. */
  private longestBudget = FIRST_BUDGET;
  /** A listener ended the run behind a trap that retired nothing: a run to this icount ends before it. */
  isMidway = false;
  /** Within a call of the engine; and for ever, where a listener threw out of one. */
  isRunning = false;
  /** The latest icount at which the present call ends. */
  private endIcount = 0;

  constructor(
    private readonly engine: Engine,
    private readonly clockShift: number,
  ) {}

  /** The icount now, also during a call. */
  get presentIcount(): number {
    return this.isRunning ? this.engine.icountInRun() : this.icount;
  }

  /** One call. `idle`: the hart waits for an interrupt that is not pending. */
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
    const wasMidway = this.isMidway && remainingInsns === insns;
    this.icount = endIcount - remainingInsns;
    if (this.longestBudget < MAX_BUDGET)
      this.longestBudget = Math.min(this.longestBudget + insns - remainingInsns, MAX_BUDGET);
    // The traps that led into the loop retired nothing. One instruction is counted for them, because the states before
    // and after must have different positions.
    if (end === "idle" && !wasInTrapLoop && engine.isInTrapLoop) this.icount += 1;
    this.isMidway = wasMidway || engine.trappedAt === this.icount;
    return end;
  }

  /** Ends the call after the present instruction. */
  endCall(): void {
    this.engine.endRun();
  }

  /** Ends the call before it would pass an icount. */
  endCallBefore(icount: number): void {
    if (icount < this.endIcount) this.endCall();
  }

  /** The same before the present instruction, for whoever is told of what it is about to do. */
  breakOffBefore(): void {
    if (!this.isRunning) return;
    this.isBrokenOff = true;
    this.engine.standBefore();
  }

  /** Ends the call after the present instruction, on request from outside. Does nothing between two calls. */
  breakOff(): void {
    if (!this.isRunning) return;
    this.isBrokenOff = true;
    this.endCall();
  }
}
