/** An engine executes instructions. All engines do exactly the same, and differ only in speed. */
import type { Carried } from "./carried.js";
import type { HartNotes } from "../hart/notes.js";
import type { HartRegisters } from "../hart/registers.js";
import type { EngineStatistics } from "./engine-statistics.js";
import type { OutsideWriter, ProbeListener, Probes } from "./probes.js";

/** Why a run ended: the budget was used up, the hart waits for an interrupt, or `endRun` was called. */
export type RunEnd = "budget" | "idle" | "attention";

/** The length of a run, and the virtual clock during it: biasNs + (icount << shift). */
export interface RunBudget {
  /** From 0 to 2^31 - 1. */
  readonly insns: number;
  /** The icount at which the whole budget has retired. */
  readonly endIcount: number;
  readonly clockBiasNs: bigint;
  readonly clockShift: number;
}

/** The two readers of written pages. */
export type WriteReader = "digest" | "capture";

export interface EngineOptions {
  readonly ramBytes: number;
  /** 1 to MAX_HARTS; absent: 1. */
  readonly harts?: number | undefined;
  /** Told what `watch` asks for. Absent: the engine has no probes, and is as fast as it can be. */
  readonly probed?: ProbeListener | undefined;
}

export interface Turn {
  /** Instructions that the other harts have retired so far, which this hart's minstret leaves out. */
  readonly othersInsns: number;
  /** The icount from which on a `pause` or a WFI ends a run as `endRun` does, and sets `hasPaused`; Infinity: never. */
  readonly yieldsFrom: number;
}

/** Of several harts it executes one at a time. Which one is its caller's to say. */
export interface Engine {
  /** The registers of the hart that executes. */
  readonly registers: HartRegisters;
  /** Those of any hart. Valid until another hart executes. */
  hart(hart: number): HartRegisters & HartNotes;
  /** Between two runs: this hart executes from now on, in such a turn. */
  execute(hart: number, turn: Turn): void;
  /** A `pause` or WFI that yields was the last instruction of the last run. */
  readonly hasPaused: boolean;
  /** Guest RAM itself. After a write to it, call `ramWritten`; devices use `readRam` and `writeRam`. */
  readonly ram: Uint8Array;
  readonly rom: Uint8Array;

  run(budget: RunBudget): RunEnd;
  /** The unused part of the last run's budget. */
  readonly remainingInsns: number;
  /** The hart waits in a trap handler that begins with the trap that led there: see `WAITING`. */
  readonly isInTrapLoop: boolean;
  /**
   * Shows the hart the devices' interrupt lines, as bits of mip, and the difference mtime - ticks of the virtual clock.
   */
  showInputs(interruptLines: number, mtimeOffset: bigint): void;
  /** Registers, mstatus, PMP or memory changed from outside, so what derives from them is void. */
  invalidate(): void;

  /** During a run: instructions retired before the current one. */
  icountInRun(): number;
  /** During a run: ends it after the current instruction. */
  endRun(): void;
  /** During an access to the bus: the instruction must start again later, as if it had not begun. Ends the run. */
  restartInstruction(): void;

  /**
   * For whoever is told of what an instruction is about to do, by a probe: the hart stands before it, as if it had not
   * begun. Ends the run.
   */
  standBefore(): void;
  /**
   * The icount of the last run's last trap, where a listener can end a run. Where the run ended there, the hart stands
   * behind the trap; who runs to that icount stands before it.
   */
  readonly trappedAt: number | undefined;

  /** RAM in [offset, offset + bytes) was changed from outside. */
  ramWritten(offset: number, bytes: number): void;
  /** A device's reading of RAM, with where the bytes go. A view, valid until the next write. */
  readRam(offset: number, bytes: number, to?: Carried): Uint8Array;
  /** A device's write to RAM, with where the bytes come from. */
  writeRam(offset: number, bytes: Uint8Array, by: OutsideWriter, from?: Carried): void;
  /** From now on these are told, and no others. Between two runs, of an engine that is `probed`. */
  watch(probes: Probes): void;
  /** Puts these pages into RAM. A page without bytes becomes zeros. The pages count as not written. */
  loadPages(pages: Iterable<readonly [page: number, bytes: Uint8Array | undefined]>): void;
  /** The pages of RAM written since this reader's last call, ascending. */
  takeWritten(reader: WriteReader): readonly number[];
  /** The digest of a page of RAM now: see digest/page-digest.ts. */
  pageDigest(page: number): bigint;

  /** Puts these bytes into ROM. */
  loadRom(bytes: Uint8Array): void;
  /**
   * From now on it serves another machine, whose state is yet to be loaded: its bus, and who is told, if it is probed;
   * it counts anew. Absent: it serves one machine only.
   */
  attach?(bus: Bus, probed: ProbeListener | undefined): void;
  /** Pages of RAM of which it has decoded code, so many at most. Absent: it keeps none. */
  decodedPages?(most: number): readonly number[];

  /** Absent: the engine counts nothing. */
  statistics?(): EngineStatistics;
}

export type EngineFactory = (bus: Bus, options: EngineOptions) => Engine;

/**
 * Called for an access outside RAM and ROM, before the accessing instruction has retired. The physical address comes in
 * two halves of 32 bits, of any sign: a bigint would cost as much as the device.
 */
export interface Bus {
  /** Undefined: nothing answers there. */
  load(high: number, low: number, width: number): bigint | undefined;
  store(high: number, low: number, width: number, value: bigint): boolean;
}
