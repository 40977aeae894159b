/** What executes instructions. Every engine does exactly the same; they differ in speed alone. */
import type { HartNotes } from "../hart/notes.js";
import type { HartRegisters } from "../hart/registers.js";
import type { EngineStatistics } from "./engine-statistics.js";

/** Why a run ended: its budget was used up, the hart waits for an interrupt, or `endRun` was called. */
export type RunEnd = "budget" | "idle" | "attention";

/** How far a run goes, and the virtual clock in it: biasNs + (icount << shift). */
export interface RunBudget {
  /** From 0 to 2^31 - 1. */
  readonly insns: number;
  /** The icount at which all of them have retired. */
  readonly endIcount: number;
  readonly clockBiasNs: bigint;
  readonly clockShift: number;
}

/** For whom written pages are noted. */
export type WriteReader = "digest" | "capture";

export interface Engine {
  readonly registers: HartRegisters;
  readonly notes: HartNotes;
  /** Guest RAM itself. Whoever writes to it calls `ramWritten`. */
  readonly ram: Uint8Array;
  readonly rom: Uint8Array;

  run(budget: RunBudget): RunEnd;
  /** What the last run left of its budget. */
  readonly remainingInsns: number;
  /** The hart waits in a trap handler that begins with the trap that led there: see `WAITING`. */
  readonly isInTrapLoop: boolean;
  /** Shows the hart the devices' interrupt lines, as bits of mip, and what software added to mtime. */
  showInputs(interruptLines: number, mtimeOffset: bigint): void;
  /** Registers, mstatus, PMP or memory were changed from outside: what was derived from them is void. */
  invalidate(): void;

  /** During a run: instructions retired before the current one. */
  icountInRun(): number;
  /** During a run: it ends after the current instruction. */
  endRun(): void;
  /** During an access to the bus: the instruction must start again later, as if it had not begun. The run ends. */
  restartInstruction(): void;

  /** RAM was changed from outside, in [offset, offset + bytes). */
  ramWritten(offset: number, bytes: number): void;
  /** Puts these pages into RAM, zeros where there are no bytes. They count as not written. */
  loadPages(pages: Iterable<readonly [page: number, bytes: Uint8Array | undefined]>): void;
  /** The pages of RAM written since this reader last asked, in order. */
  takeWritten(reader: WriteReader): readonly number[];
  /** The digest of a page of RAM as it is now: see digest/page-digest.ts. */
  pageDigest(page: number): bigint;

  /** Absent: this engine counts nothing. */
  statistics?(): EngineStatistics;
}

/** What an engine calls for an access outside RAM and ROM, before the accessing instruction has retired. */
export interface Bus {
  /** Undefined: nothing answers there. */
  load(physicalAddress: bigint, width: number): bigint | undefined;
  store(physicalAddress: bigint, width: number, value: bigint): boolean;
}
