/** What executes instructions. Every engine does exactly the same; they differ in speed alone. */
import type { EngineMemory } from "./engine-memory.js";
import type { EngineStatistics } from "./engine-statistics.js";

/** Why a run ended: its budget was used up, the hart waits for an interrupt, or the bus asked for control. */
export type RunEnd = "budget" | "idle" | "attention";

export interface Engine {
  readonly memory: EngineMemory;
  /** Runs at most `budgetInsns` instructions, from 0 to 2^31 - 1. */
  run(budgetInsns: number): RunEnd;
  /** Registers, mstatus, PMP or memory were changed from outside: what was derived from them is void. */
  invalidate(): void;
  /** Guest RAM was changed from outside, in [offset, offset + bytes). */
  ramWritten(offset: number, bytes: number): void;
  /** Absent: this engine counts nothing. */
  statistics?(): EngineStatistics;
  /** The pages' written flags were cleared: the next store to each must be noticed again. */
  writesNoted(): void;
}

/** What an engine calls for an access outside RAM and ROM, before the accessing instruction has retired. */
export interface Bus {
  /** Undefined: nothing answers there. */
  load(physicalAddress: bigint, width: number): bigint | undefined;
  store(physicalAddress: bigint, width: number, value: bigint): boolean;
}
