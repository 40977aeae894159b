/**
 * The readable reference engine: it evaluates the semantics table directly. It has no TLB, no decoded code and no
 * cache. It fetches each halfword and translates each access anew, and checks interrupts before every instruction. The
 * other engines must reach the same state, instruction by instruction. They share its semantics, but not its storage,
 * so a wrong address of theirs shows here.
 */
import type { Carried } from "../engine/carried.js";
import type { Bus, Engine, EngineOptions, RunBudget, RunEnd, Turn, WriteReader } from "../engine/engine.js";
import { Attempt } from "../engine/attempt.js";
import { PageDigester } from "../digest/page-digest.js";
import { WAITING } from "../hart/fields.js";
import type { HartInput } from "../hart/system-ops.js";
import type { HartRegisters } from "../hart/registers.js";
import { takePendingInterrupt } from "../hart/trap.js";
import { DRAM_BASE } from "../memory-map.js";
import { RAM_PAGE_BYTES } from "../ram.js";
import { probedBus } from "../engine/probed-bus.js";
import { ProbeGate, type OutsideWriter, type Probes } from "../engine/probes.js";
import { INTERRUPT_BIT } from "../hart/trap-causes.js";
import { Evaluator, InstructionLeft, type EvaluatorParts, type EvaluatorProbes } from "./evaluate.js";
import { PhysicalMemory } from "./physical-memory.js";
import { PlainHart } from "./plain-hart.js";

export interface ReferenceOptions extends EngineOptions {
  readonly evaluator?: (parts: EvaluatorParts) => Evaluator;
}

const NO_RUN: RunBudget = { insns: 0, endIcount: 0, clockBiasNs: 0n, clockShift: 0 };

export class ReferenceEngine implements Engine {
  private readonly harts: readonly PlainHart[];
  private executing = 0;
  private turn: Turn = { othersInsns: 0, yieldsFrom: Infinity };
  remainingInsns = 0;
  hasPaused = false;
  private readonly memory: PhysicalMemory;
  private readonly evaluator: Evaluator;
  private readonly digester = new PageDigester();
  private readonly written: Readonly<Record<WriteReader, Set<number>>> = { digest: new Set(), capture: new Set() };
  private budget = NO_RUN;
  private interruptLines = 0;
  private mtimeOffset = 0n;
  private isEnding = false;
  private isRestarting = false;

  private readonly gate: ProbeGate | undefined;
  private readonly attempt = new Attempt();

  constructor(
    bus: Bus,
    { ramBytes, harts = 1, evaluator = (parts) => new Evaluator(parts), probed }: ReferenceOptions,
  ) {
    this.harts = Array.from({ length: harts }, () => new PlainHart());
    this.memory = new PhysicalMemory(ramBytes, (page) => {
      this.pageWritten(page);
    });
    this.gate = probed === undefined ? undefined : new ProbeGate(this.memory.ram, probed);
    const executing = (): PlainHart => this.hart(this.executing);
    const accessing = { icount: () => this.icountInRun(), mustRestart: () => this.isRestarting };
    this.evaluator = evaluator({
      get hart() {
        return executing();
      },
      memory: this.memory,
      bus: this.gate === undefined ? bus : probedBus(bus, this.gate, accessing),
      input: (name) => this.input(name),
      mustRestart: () => this.isRestarting,
      pause: () => {
        if (this.icountInRun() < this.turn.yieldsFrom) return;
        this.hasPaused = true;
        this.endRun();
      },
      probes: this.gate === undefined ? undefined : this.evaluatorProbes(this.gate),
    });
  }

  get registers(): HartRegisters {
    return this.hart(this.executing);
  }

  hart(hart: number): PlainHart {
    const found = this.harts[hart];
    if (found === undefined) throw new Error(`the machine has no hart ${String(hart)}`);
    return found;
  }

  execute(hart: number, turn: Turn): void {
    this.executing = hart;
    this.turn = turn;
  }

  loadRom(bytes: Uint8Array): void {
    this.memory.rom.set(bytes);
  }

  get ram(): Uint8Array {
    return this.memory.ram;
  }

  get rom(): Uint8Array {
    return this.memory.rom;
  }

  run(budget: RunBudget): RunEnd {
    this.budget = budget;
    this.remainingInsns = budget.insns;
    this.isEnding = false;
    this.hasPaused = false;
    this.attempt.begin();
    for (;;) {
      if (this.isEnding) return "attention";
      if (this.remainingInsns === 0) return "budget";
      this.evaluator.invoke(takePendingInterrupt);
      if (this.registers.field("waiting") !== WAITING.no) return "idle";
      this.step();
    }
  }

  get isInTrapLoop(): boolean {
    return this.registers.field("waiting") === WAITING.forTaken;
  }

  showInputs(interruptLines: number, mtimeOffset: bigint): void {
    this.interruptLines = interruptLines;
    this.mtimeOffset = mtimeOffset;
  }

  /** Nothing is derived, so there is nothing to void. */
  invalidate(): void {}

  /** The current instruction was counted when it started. */
  icountInRun(): number {
    return this.budget.endIcount - this.remainingInsns - 1;
  }

  endRun(): void {
    this.isEnding = true;
  }

  restartInstruction(): void {
    this.isRestarting = true;
    this.endRun();
  }

  standBefore(): void {
    this.restartInstruction();
    for (const { offset, bytes } of this.attempt.leave(this.icountInRun())) {
      this.ram.set(bytes, offset);
      this.ramWritten(offset, bytes.length);
    }
  }

  get trappedAt(): number | undefined {
    return this.attempt.trappedAt;
  }

  readRam(offset: number, bytes: number, to?: Carried): Uint8Array {
    this.gate?.loadedByDevice(offset, bytes, to);
    return this.ram.subarray(offset, offset + bytes);
  }

  writeRam(offset: number, bytes: Uint8Array, by: OutsideWriter, from?: Carried): void {
    this.gate?.storedFromOutside(offset, bytes, by, from);
    this.ram.set(bytes, offset);
    this.ramWritten(offset, bytes.length);
  }

  watch(probes: Probes): void {
    if (this.gate === undefined) throw new Error("an engine without a listener has no probes");
    this.gate.watch(probes);
  }

  ramWritten(offset: number, bytes: number): void {
    const last = Math.floor((offset + bytes - 1) / RAM_PAGE_BYTES);
    for (let page = Math.floor(offset / RAM_PAGE_BYTES); page <= last; page += 1) this.pageWritten(page);
  }

  loadPages(pages: Iterable<readonly [page: number, bytes: Uint8Array | undefined]>): void {
    for (const [page, bytes] of pages) {
      this.pageBytes(page).set(bytes ?? new Uint8Array(RAM_PAGE_BYTES));
      for (const reader of Object.values(this.written)) reader.delete(page);
    }
  }

  takeWritten(reader: WriteReader): readonly number[] {
    const pages = [...this.written[reader]].sort((a, b) => a - b);
    this.written[reader].clear();
    return pages;
  }

  pageDigest(page: number): bigint {
    return this.digester.of(this.pageBytes(page), page);
  }

  private evaluatorProbes(gate: ProbeGate): EvaluatorProbes {
    const icount = (): number => this.icountInRun();
    return {
      stored: (address, bytes, value) => {
        gate.stored(icount(), address, bytes, value);
      },
      loaded: (address, bytes) => {
        gate.loaded(icount(), address, bytes);
      },
      reached: (address, raw) => {
        gate.arrived(icount(), address, () => raw);
      },
      trapped: (cause, trapValue) => {
        // An interrupt comes between two instructions, before the next one is counted.
        const at = icount() + Number((cause & INTERRUPT_BIT) !== 0n);
        this.attempt.trapping(at);
        gate.trapped(at, cause, trapValue);
      },
      marking: (address, bytes) => {
        const offset = address - DRAM_BASE;
        this.attempt.marking(icount(), { offset, bytes: this.ram.slice(offset, offset + bytes) });
      },
      csrWritten: (csr, value, mask) => {
        gate.csrWritten(icount(), csr, value, mask);
      },
    };
  }

  private step(): void {
    this.remainingInsns -= 1;
    try {
      this.evaluator.step();
    } catch (reason) {
      if (!(reason instanceof InstructionLeft)) throw reason;
      // An instruction that did not retire returns its count.
      if (!reason.isRetired) this.remainingInsns += 1;
    }
    this.isRestarting = false;
  }

  private input(name: HartInput): bigint {
    switch (name) {
      case "hartId":
        return BigInt(this.executing);
      case "instret":
        return BigInt(this.icountInRun() - this.turn.othersInsns);
      case "icount":
        return BigInt(this.icountInRun());
      case "virtualNs":
        return this.budget.clockBiasNs + (BigInt(this.icountInRun()) << BigInt(this.budget.clockShift));
      case "interruptLines":
        return BigInt(this.interruptLines);
      case "mtimeOffset":
        return this.mtimeOffset;
      default:
        name satisfies never;
        return 0n;
    }
  }

  private pageWritten(page: number): void {
    for (const reader of Object.values(this.written)) reader.add(page);
  }

  private pageBytes(page: number): Uint8Array {
    return this.ram.subarray(page * RAM_PAGE_BYTES, (page + 1) * RAM_PAGE_BYTES);
  }
}
