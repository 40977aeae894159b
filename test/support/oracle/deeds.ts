/**
 * What a guest did between two icounts, found by brute force: every instruction is executed by the reference evaluator,
 * which says what it does. This shares no code with probes and queries.
 */
import { writeCsr } from "../../../src/machine/hart/csr-access.js";
import { CSRS } from "../../../src/machine/hart/csr.js";
import { PRIVILEGE } from "../../../src/machine/hart/mstatus.js";
import { physicalAddress } from "../../../src/machine/hart/peek.js";
import type { Width } from "../../../src/machine/hart/ops.js";
import type { Procedure } from "../../../src/machine/hart/system-ops.js";
import { takeTrap } from "../../../src/machine/hart/trap.js";
import { INTERRUPT_BIT } from "../../../src/machine/hart/trap-causes.js";
import { Machine } from "../../../src/machine/machine.js";
import { DRAM_BASE } from "../../../src/machine/memory-map.js";
import { Evaluator, type EvaluatorParts } from "../../../src/machine/reference/evaluate.js";
import { ReferenceEngine } from "../../../src/machine/reference/reference-engine.js";
import type { Effect } from "../../../src/reducers/effect.js";
import type { Recording } from "../../../src/streams/past/recording.js";
import { replaySteps } from "../../../src/streams/past/replayer.js";

/** `ended`: an instruction or an event is over, whatever it did; `began`, `over`: the range has begun, or is over. */
export type DeedKind =
  "stored" | "loaded" | "reached" | "trapped" | "csr" | "asked" | "told" | "printed" | "ended" | "began" | "over";

/** What the calling convention passes, before the instruction. */
export interface Passed {
  /** a0 to a7. */
  readonly a: readonly bigint[];
  readonly ra: bigint;
  readonly sp: bigint;
  /** The page table of a program; 0: of no program. */
  readonly space: bigint;
}

export interface Deed {
  readonly kind: DeedKind;
  readonly seq: number;
  readonly icount: number;
  readonly ns: bigint;
  readonly hart: number;
  /** Undefined: an event or a device did it. */
  readonly pc: bigint | undefined;
  /** Physical, of what is in memory or of a device's register; of a trap, its cause; of a CSR, its number. */
  readonly address: bigint;
  readonly bytes: number;
  /** Of a trap, what xtval gets; of an instruction that is reached, its encoding. Undefined: nothing answered. */
  readonly value: bigint | undefined;
  readonly before: bigint;
  readonly passed: Passed;
  /** Of a device: the bytes that it writes or reads, and those that were there. Of a console: what it printed. */
  readonly data: Uint8Array;
  readonly dataBefore: Uint8Array;
  readonly port: string;
}

/** Hears what is done. */
export interface Ears {
  /** Whether anybody wants it: nothing is made of what nobody hears. */
  wants(kind: DeedKind, address: number): boolean;
  hear(deed: Deed, ram: Uint8Array): void;
}

/** From the state at the first icount on, up to the last one, before the events that stand there. */
export function hearDeeds(recording: Recording, fromIcount: number, untilIcount: number, ears: Ears): void {
  const teller = new Teller(recording.config.shift, ears);
  const machine = recording.openMachine((initial, options) => teller.machineOf(initial, options));
  machine.load(recording.at(fromIcount));
  teller.isHeard = true;
  teller.tell({ kind: "began", pc: undefined });
  const stopListening = machine.listen((effect) => {
    if (effect.type !== "console/transmitted") return;
    teller.tell({ kind: "printed", data: effect.bytes, port: portOf(effect) });
  });
  for (const step of replaySteps(machine, recording.log, untilIcount)) {
    if (step !== undefined) teller.tell({ kind: "ended", pc: undefined });
  }
  stopListening();
  teller.tell({ kind: "over" });
}

export const portOf = (effect: Extract<Effect, { type: "console/transmitted" }>): string =>
  effect.port === "uart16550" ? effect.port : `${effect.port}${String(effect.slot)}`;

/** All of them, in order. */
export function deedsBetween(recording: Recording, fromIcount: number, untilIcount: number): readonly Deed[] {
  const deeds: Deed[] = [];
  hearDeeds(recording, fromIcount, untilIcount, {
    wants: (kind) => kind !== "ended",
    hear: (deed) => deeds.push(deed),
  });
  return deeds;
}

type Told = Partial<Deed> & { readonly kind: DeedKind };
type EngineArguments = ConstructorParameters<typeof ReferenceEngine>;

const NOBODY: Passed = { a: [], ra: 0n, sp: 0n, space: 0n };
const NONE = new Uint8Array();
const NOTHING = { address: 0n, bytes: 0, value: 0n, before: 0n, data: NONE, dataBefore: NONE, port: "" };

/** Says where and when it was that something was done. */
class Teller {
  isHeard = false;
  private machine!: Machine;
  private engine!: ReferenceEngine;
  private doing: DoingEvaluator | undefined;
  private arrived = "";

  constructor(
    readonly clockShift: number,
    private readonly ears: Ears,
  ) {}

  machineOf(...[initial, options]: Parameters<NonNullable<Parameters<Recording["openMachine"]>[0]>>): Machine {
    const engine = (...[bus, wanted]: EngineArguments): ReferenceEngine => {
      const evaluator = (parts: EvaluatorParts): Evaluator => (this.doing = new DoingEvaluator(parts, this));
      return (this.engine = new DoingEngine(this, bus, { ...wanted, evaluator }));
    };
    return (this.machine = new Machine(initial, { ...options, engine }));
  }

  wants(kind: DeedKind, address: bigint): boolean {
    return this.isHeard && this.ears.wants(kind, Number(address));
  }

  tell(told: Told): void {
    if (!this.wants(told.kind, told.address ?? 0n)) return;
    const { machine, doing } = this;
    const { seq, icount } = machine.position;
    const at =
      doing?.isInside === true
        ? { icount: doing.icount(), ns: doing.ns(), pc: doing.pc() }
        : { icount: Number(icount), ns: machine.virtualNs, pc: machine.pc };
    if (told.kind === "reached" && this.isAgain(`${String(at.icount)} ${String(machine.hart)} ${String(told.pc)}`))
      return;
    const passed = doing?.passed ?? NOBODY;
    this.ears.hear({ ...NOTHING, passed, seq, hart: machine.hart, ...at, ...told }, this.engine.ram);
  }

  /** An instruction that waited for the host's answer starts again. */
  private isAgain(arrival: string): boolean {
    const isAgain = arrival === this.arrived;
    this.arrived = arrival;
    return isAgain;
  }
}

/** Tells what devices do. */
class DoingEngine extends ReferenceEngine {
  constructor(
    private readonly teller: Teller,
    ...given: EngineArguments
  ) {
    super(...given);
  }

  override writeRam(...[offset, data, by, from]: Parameters<ReferenceEngine["writeRam"]>): void {
    const dataBefore = this.ram.slice(offset, offset + data.length);
    const address = BigInt(DRAM_BASE + offset);
    this.teller.tell({ kind: "stored", address, data: data.slice(), dataBefore, pc: undefined });
    super.writeRam(offset, data, by, from);
  }

  override readRam(...[offset, bytes, to]: Parameters<ReferenceEngine["readRam"]>): Uint8Array {
    const data = this.ram.slice(offset, offset + bytes);
    this.teller.tell({ kind: "loaded", address: BigInt(DRAM_BASE + offset), data, pc: undefined });
    return super.readRam(offset, bytes, to);
  }
}

const FETCH_FAULTS: readonly bigint[] = [1n, 12n];
const ACCESS_FAULTS: readonly bigint[] = [5n, 7n];
const PAGE_BYTES = 4096;
const [RA, SP, A0] = [1, 2, 10];

class DoingEvaluator extends Evaluator {
  /** Between an instruction's beginning and its end. */
  isInside = false;
  passed = NOBODY;
  private isReached = false;
  private fault = -1n;

  constructor(
    private readonly its: EvaluatorParts,
    private readonly teller: Teller,
  ) {
    super(its);
  }

  override step(): void {
    this.isReached = false;
    this.passed = this.passedHere();
    this.isInside = true;
    const pc = this.pc();
    try {
      super.step();
      this.tellReached(pc);
    } finally {
      if (this.teller.wants("ended", 0n)) this.teller.tell({ kind: "ended", pc });
      this.isInside = false;
    }
  }

  override invoke<Arity extends number>(procedure: Procedure<Arity>, ...inputs: readonly bigint[]): bigint {
    if ((procedure as unknown) === takeTrap) this.tellTrap(BigInt.asUintN(64, inputs[0] ?? 0n), inputs[1] ?? 0n);
    if ((procedure as unknown) === writeCsr) this.tellCsr(inputs);
    return super.invoke(procedure, ...inputs);
  }

  override load(width: Width, address: bigint): bigint {
    this.tellReached();
    return this.answered("asked", width, address, () => {
      const value = super.load(width, address);
      this.tellLoaded(width, address, value);
      return value;
    });
  }

  override loadForStore(width: Width, address: bigint): bigint {
    this.tellReached();
    return this.answered("asked", width, address, () => {
      const value = super.loadForStore(width, address);
      this.tellLoaded(width, address, value);
      return value;
    });
  }

  override store(width: Width, address: bigint, value: bigint): void {
    this.tellReached();
    const pieces = this.pieces(width, address).map((piece) => ({ ...piece, before: this.ramAt(piece) }));
    this.answered("told", width, address, () => {
      super.store(width, address, value);
      return value;
    });
    for (const piece of pieces) this.tellStored(piece, value);
  }

  /** Of a page-table walk. */
  override physicalStore(address: bigint, value: bigint): void {
    const piece = { physical: address, bytes: 8, shift: 0n };
    const before = this.ramAt(piece);
    super.physicalStore(address, value);
    this.tellStored({ ...piece, before }, value);
  }

  icount(): number {
    return Number(this.input("icount"));
  }

  ns(): bigint {
    return this.input("virtualNs");
  }

  private passedHere(): Passed {
    const a = Array.from({ length: 8 }, (_, index) => unsigned(this.x(A0 + index)));
    const space = this.field("privilege") === PRIVILEGE.user ? this.field("satp") & ((1n << 44n) - 1n) : 0n;
    return { a, ra: unsigned(this.x(RA)), sp: unsigned(this.x(SP)), space };
  }

  /** Once an instruction, before what it does. */
  private tellReached(pc = this.pc()): void {
    if (this.isReached) return;
    this.isReached = true;
    const address = this.physical(pc, "fetch") ?? 0n;
    if (!this.teller.wants("reached", address)) return;
    this.teller.tell({ kind: "reached", pc, address, value: BigInt(this.raw) });
  }

  private tellTrap(cause: bigint, trapValue: bigint): void {
    this.fault = cause;
    if (FETCH_FAULTS.includes(cause)) this.isReached = true;
    const isInterrupt = (cause & INTERRUPT_BIT) !== 0n;
    if (!isInterrupt) this.tellReached();
    if (!this.teller.wants("trapped", 0n)) return;
    const told = { kind: "trapped", address: cause, value: unsigned(trapValue) } as const;
    if (!isInterrupt) this.teller.tell(told);
    // It comes between two instructions, before the next one is counted.
    else {
      const ns = this.ns() + (1n << BigInt(this.teller.clockShift));
      this.teller.tell({ ...told, icount: this.icount() + 1, ns, pc: this.pc(), passed: this.passedHere() });
    }
  }

  private tellLoaded(width: Width, address: bigint, value: bigint): void {
    for (const piece of this.pieces(width, address)) {
      if (this.ramAt(piece) === undefined || !this.teller.wants("loaded", piece.physical)) continue;
      const loaded = BigInt.asUintN(8 * piece.bytes, unsigned(value) >> piece.shift);
      this.teller.tell({ kind: "loaded", address: piece.physical, bytes: piece.bytes, value: loaded });
    }
  }

  private tellStored(piece: Piece & { readonly before: bigint | undefined }, value: bigint): void {
    const { physical: address, bytes, shift, before } = piece;
    if (before === undefined || !this.teller.wants("stored", address)) return;
    const written = BigInt.asUintN(8 * bytes, unsigned(value) >> shift);
    this.teller.tell({ kind: "stored", address, bytes, value: written, before });
  }

  /** Tells what a device answered, or that none did. An access that waits is told where it is made again. */
  private answered(kind: "asked" | "told", width: Width, address: bigint, access: () => bigint): bigint {
    this.fault = -1n;
    try {
      const value = access();
      this.tellDevice(kind, width, address, BigInt.asUintN(8 * width, value));
      return value;
    } catch (left) {
      if (ACCESS_FAULTS.includes(this.fault) && !this.its.mustRestart()) {
        this.tellDevice(kind, width, address, undefined);
      }
      throw left;
    }
  }

  private tellDevice(kind: "asked" | "told", width: Width, address: bigint, value: bigint | undefined): void {
    const [piece, ...more] = this.pieces(width, address);
    if (piece === undefined || more.length > 0 || address % BigInt(width) !== 0n) return;
    if (this.its.memory.isMemory(piece.physical) || !this.teller.wants(kind, piece.physical)) return;
    this.teller.tell({ kind, address: piece.physical, bytes: width, value });
  }

  private tellCsr([csr = 0n, value = 0n, mask = 0n]: readonly bigint[]): void {
    this.tellReached();
    // Its upper bits say that it is read-only: the instruction is illegal.
    if ((csr & 0xc00n) === 0xc00n || !this.teller.wants("csr", csr)) return;
    const before = CSRS.get(Number(csr))?.read(this) ?? 0n;
    const written = BigInt.asUintN(64, (before & ~mask) | (value & mask));
    this.teller.tell({ kind: "csr", address: csr, value: written, before: BigInt.asUintN(64, before) });
  }

  /** An access that crosses a page is two. */
  private pieces(width: number, virtual: bigint): readonly Piece[] {
    const first = Math.min(width, PAGE_BYTES - Number(unsigned(virtual) % BigInt(PAGE_BYTES)));
    const parts = [{ at: virtual, bytes: first, shift: 0n }];
    if (first < width) parts.push({ at: virtual + BigInt(first), bytes: width - first, shift: BigInt(8 * first) });
    return parts.flatMap(({ at, bytes, shift }) => {
      const physical = this.physical(at, "data");
      return physical === undefined ? [] : [{ physical, bytes, shift }];
    });
  }

  private physical(virtual: bigint, kind: "fetch" | "data"): bigint | undefined {
    const own = this.field("privilege");
    const status = this.field("mstatus");
    const isModified = kind === "data" && (status & (1n << 17n)) !== 0n;
    const privilege = isModified ? (status >> 11n) & 3n : own;
    const satp = privilege === PRIVILEGE.machine ? 0n : this.field("satp");
    return physicalAddress({ privilege, satp }, unsigned(virtual), (physical) => this.ramAt({ physical, bytes: 8 }));
  }

  private ramAt({ physical, bytes }: Omit<Piece, "shift">): bigint | undefined {
    const { ram } = this.its.memory;
    const offset = Number(physical - BigInt(DRAM_BASE));
    if (offset < 0 || offset + bytes > ram.length) return undefined;
    let value = 0n;
    for (let index = bytes - 1; index >= 0; index -= 1) value = (value << 8n) | BigInt(ram[offset + index] ?? 0);
    return value;
  }
}

interface Piece {
  readonly physical: bigint;
  readonly bytes: number;
  /** How far into the value it begins, in bits. */
  readonly shift: bigint;
}

const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value);
