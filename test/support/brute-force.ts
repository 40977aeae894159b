/**
 * What a guest did between two icounts, found by brute force: every instruction is executed by the reference evaluator,
 * which says what it does. This shares no code with probes and queries.
 */
import { writeCsr } from "../../src/machine/hart/csr-access.js";
import { CSRS } from "../../src/machine/hart/csr.js";
import { PRIVILEGE } from "../../src/machine/hart/mstatus.js";
import { physicalAddress } from "../../src/machine/hart/peek.js";
import type { Procedure, Width } from "../../src/machine/hart/ops.js";
import { takeTrap } from "../../src/machine/hart/trap.js";
import { INTERRUPT_BIT } from "../../src/machine/hart/trap-causes.js";
import { Machine } from "../../src/machine/machine.js";
import { DRAM_BASE } from "../../src/machine/memory-map.js";
import { Evaluator, type EvaluatorParts } from "../../src/machine/reference/evaluate.js";
import { ReferenceEngine } from "../../src/machine/reference/reference-engine.js";
import type { Recording } from "../../src/streams/past/recording.js";
import { replay } from "../../src/streams/past/replayer.js";

export interface Deed {
  readonly kind: "stored" | "loaded" | "reached" | "trapped" | "csr" | "asked" | "told";
  readonly seq: number;
  readonly icount: number;
  readonly hart: number;
  readonly pc: bigint;
  /** Physical, of what is in memory or of a device's register; of a trap, its cause; of a CSR, its number. */
  readonly address: bigint;
  readonly bytes: number;
  readonly value: bigint;
  readonly before: bigint;
}

/** All accesses to RAM within one page and to devices, arrivals, traps and writes to CSRs, in order. */
export function deedsBetween(recording: Recording, fromIcount: number, untilIcount: number): readonly Deed[] {
  const deeds: Deed[] = [];
  const machine: Machine = recording.openMachine(
    (initial, options) =>
      new Machine(initial, {
        ...options,
        engine: (bus, wanted) =>
          new ReferenceEngine(bus, {
            ...wanted,
            evaluator: (parts) =>
              new DoingEvaluator(parts, (did) => {
                const deed = { ...did, seq: machine.position.seq, hart: machine.hart };
                // It waited for the host's answer, and starts again.
                const isAgain = deed.kind === "reached" && deeds.slice(-4).some((other) => isSameArrival(deed, other));
                if (!isAgain) deeds.push(deed);
              }),
          }),
      }),
  );
  machine.load(recording.at(fromIcount));
  replay(machine, recording.log, untilIcount);
  return deeds;
}

const isSameArrival = (a: Deed, b: Deed): boolean =>
  b.kind === "reached" && a.icount === b.icount && a.hart === b.hart && a.pc === b.pc;

const FETCH_FAULTS: readonly bigint[] = [1n, 12n];
const PAGE_BYTES = 4096n;

class DoingEvaluator extends Evaluator {
  private reached: Omit<Deed, "seq" | "hart"> | undefined;

  constructor(
    private readonly its: EvaluatorParts,
    private readonly did: (deed: Omit<Deed, "seq" | "hart">) => void,
  ) {
    super(its);
  }

  override step(): void {
    const pc = this.pc();
    this.reached = { ...this.nothing("reached"), pc, address: this.physical(pc, "fetch") ?? 0n };
    super.step();
    this.tellReached();
  }

  override invoke<Arity extends number>(procedure: Procedure<Arity>, ...inputs: readonly bigint[]): bigint {
    if ((procedure as unknown) === takeTrap) {
      const cause = BigInt.asUintN(64, inputs[0] ?? 0n);
      if (FETCH_FAULTS.includes(cause)) this.reached = undefined;
      if ((cause & INTERRUPT_BIT) === 0n) this.tellReached();
      const icount = this.icount() + ((cause & INTERRUPT_BIT) === 0n ? 0 : 1);
      this.did({ ...this.nothing("trapped"), icount, address: cause });
    }
    if ((procedure as unknown) === writeCsr) this.tellCsr(inputs);
    return super.invoke(procedure, ...inputs);
  }

  override load(width: Width, address: bigint): bigint {
    this.tellReached();
    const value = super.load(width, address);
    this.tellLoaded(width, address, value);
    this.tellDevice("asked", width, address, value);
    return value;
  }

  override loadForStore(width: Width, address: bigint): bigint {
    this.tellReached();
    const value = super.loadForStore(width, address);
    this.tellLoaded(width, address, value);
    return value;
  }

  override store(width: Width, address: bigint, value: bigint): void {
    this.tellReached();
    const physical = this.physical(address, "data");
    const before = this.ramAt(physical, width);
    super.store(width, address, value);
    this.tellDevice("told", width, address, value);
    if (before === undefined || physical === undefined || crosses(address, width)) return;
    const written = BigInt.asUintN(8 * width, value);
    this.did({ ...this.nothing("stored"), address: physical, bytes: width, value: written, before });
  }

  /** Once an instruction, before what it does. */
  private tellReached(): void {
    if (this.reached !== undefined) this.did(this.reached);
    this.reached = undefined;
  }

  private tellLoaded(width: Width, address: bigint, value: bigint): void {
    const physical = this.physical(address, "data");
    if (physical === undefined || this.ramAt(physical, width) === undefined || crosses(address, width)) return;
    const loaded = BigInt.asUintN(8 * width, value);
    this.did({ ...this.nothing("loaded"), address: physical, bytes: width, value: loaded });
  }

  /** An access that faults or waits does not come back here. */
  private tellDevice(kind: "asked" | "told", width: Width, address: bigint, value: bigint): void {
    const physical = this.physical(address, "data");
    if (physical === undefined || physical >= BigInt(DRAM_BASE)) return;
    if (this.its.memory.isMemory(physical)) return;
    this.did({ ...this.nothing(kind), address: physical, bytes: width, value: BigInt.asUintN(8 * width, value) });
  }

  private tellCsr([csr = 0n, value = 0n, mask = 0n]: readonly bigint[]): void {
    this.tellReached();
    // Its upper bits say that it is read-only: the instruction is illegal.
    if ((csr & 0xc00n) === 0xc00n) return;
    const before = CSRS.get(Number(csr))?.read(this) ?? 0n;
    const written = BigInt.asUintN(64, (before & ~mask) | (value & mask));
    this.did({ ...this.nothing("csr"), address: csr, value: written, before: BigInt.asUintN(64, before) });
  }

  private nothing<Kind extends Deed["kind"]>(
    kind: Kind,
  ): Omit<Deed, "seq" | "hart" | "kind"> & { readonly kind: Kind } {
    return { kind, icount: this.icount(), pc: this.pc(), address: 0n, bytes: 0, value: 0n, before: 0n };
  }

  private icount(): number {
    return Number(this.input("icount"));
  }

  private physical(virtual: bigint, kind: "fetch" | "data"): bigint | undefined {
    const own = this.field("privilege");
    const status = this.field("mstatus");
    const isModified = kind === "data" && (status & (1n << 17n)) !== 0n;
    const privilege = isModified ? (status >> 11n) & 3n : own;
    const satp = privilege === PRIVILEGE.machine ? 0n : this.field("satp");
    return physicalAddress({ privilege, satp }, BigInt.asUintN(64, virtual), (entry) => this.ramAt(entry, 8));
  }

  private ramAt(address: bigint | undefined, bytes: number): bigint | undefined {
    const { ram } = this.its.memory;
    const offset = Number((address ?? 0n) - BigInt(DRAM_BASE));
    if (offset < 0 || offset + bytes > ram.length) return undefined;
    let value = 0n;
    for (let index = bytes - 1; index >= 0; index -= 1) value = (value << 8n) | BigInt(ram[offset + index] ?? 0);
    return value;
  }
}

const crosses = (address: bigint, width: number): boolean =>
  (BigInt.asUintN(64, address) % PAGE_BYTES) + BigInt(width) > PAGE_BYTES;
