/** Every back end, and a bare hart on it: the same specs run on all of them. */
import { test } from "uvu";

import type { Bus, Engine, RunEnd } from "../../src/machine/engine/engine.js";
import { addressOf } from "../../src/machine/physical-address.js";
import { WasmEngine, type WasmEngineOptions } from "../../src/machine/engine/wasm-engine.js";
import { HART_FIELDS, NO_RESERVATION, type HartField } from "../../src/machine/hart/fields.js";
import { FS_DIRTY, PRIVILEGE } from "../../src/machine/hart/mstatus.js";
import { ReferenceEngine } from "../../src/machine/reference/reference-engine.js";
import type { EngineFactory } from "../../src/machine/engine/engine.js";
import { DRAM_BASE } from "../../src/machine/memory-map.js";
import { Program } from "./assemble.js";
import type { Random } from "./seeded-random.js";

export interface NamedEngine {
  readonly name: string;
  readonly create: EngineFactory;
}

export const reference: NamedEngine = {
  name: "reference",
  create: (bus, wanted) => new ReferenceEngine(bus, { ...wanted }),
};

const wasm =
  (options: Omit<WasmEngineOptions, "ramBytes">): EngineFactory =>
  (bus, wanted) =>
    new WasmEngine(bus, { ...wanted, ...options });

export const interpreter: NamedEngine = {
  name: "interpreter",
  create: wasm({ codePages: 64, compileThreshold: Infinity }),
};

/** Thresholds and batches as users have them. */
export const withDefaults: NamedEngine = { name: "regions by default", create: wasm({ codePages: 64 }) };

/** Those whose work must equal the reference's; the tiny pool drops decoded code all the time. */
export const fastEngines: readonly NamedEngine[] = [
  interpreter,
  { name: "interpreter, 2 code pages", create: wasm({ codePages: 2, compileThreshold: Infinity }) },
  {
    name: "regions at the first arrival, each by itself",
    create: wasm({ codePages: 64, compileThreshold: 1, regionBatch: 1 }),
  },
  {
    name: "traces at the second arrival, each by itself",
    create: wasm({ codePages: 64, traceThreshold: 2, regionBatch: 1, regionSamples: Infinity, smallInsns: 1 }),
  },
  {
    name: "traces early, then regions, 2 code pages",
    create: wasm({
      ...{ codePages: 2, traceThreshold: 3, regionBatch: 2, smallInsns: 1 },
      ...{ stretchInsns: 200, regionSamples: 2 },
    }),
  },
  { name: "regions early, 2 code pages", create: wasm({ codePages: 2, compileThreshold: 3, regionBatch: 2 }) },
];

/** Who is compared, over how many instructions, and how far it is from one comparison to the next. */
export interface ComparisonPlan {
  readonly base: NamedEngine;
  readonly others: readonly NamedEngine[];
  readonly insns: number;
  readonly strideInsns: (random: Random) => number;
}

/** Of short programs: all are held against the reference. */
export const againstReference = { base: reference, others: fastEngines } as const;

/** Of long ones, for which the reference would take too long: the interpreter, which short ones prove, stands in. */
export const againstInterpreter = {
  base: interpreter,
  others: [withDefaults, ...fastEngines.filter((engine) => engine !== interpreter)],
} as const;

export const engines: readonly NamedEngine[] = [reference, ...fastEngines];

/** One test an engine. */
export function onEveryEngine(name: string, spec: (engine: NamedEngine) => void): void {
  for (const engine of engines) {
    test(`${engine.name}: ${name}`, () => {
      spec(engine);
    });
  }
}

export const RAM_BYTES = 0x4_0000;
/** Where programs lie unless a test says otherwise. */
export const CODE = BigInt(DRAM_BASE) + 0x1000n;
/** A page that holds data and no code. */
export const DATA = BigInt(DRAM_BASE) + 0x8000n;
/** Where `trapsTo` waits: an instruction that goes on with itself. */
export const HANDLER = BigInt(DRAM_BASE) + 0x4000n;
/** An address at which `RecordingBus` answers. */
export const DEVICE = 0x1000_0000n;

/** Answers 0x1000_0000 to 0x1000_00ff with what was stored there, and keeps account. */
export class RecordingBus implements Bus {
  readonly accesses: string[] = [];
  onAccess: () => void = () => undefined;
  private readonly registers = new Map<bigint, bigint>();

  load(high: number, low: number, width: number): bigint | undefined {
    const physicalAddress = addressOf(high, low);
    if (!this.answers(physicalAddress)) return undefined;
    this.note(`load ${String(width)} ${physicalAddress.toString(16)}`);
    return BigInt.asUintN(8 * width, this.registers.get(physicalAddress) ?? 0n);
  }

  store(high: number, low: number, width: number, value: bigint): boolean {
    const physicalAddress = addressOf(high, low);
    if (!this.answers(physicalAddress)) return false;
    this.note(`store ${String(width)} ${physicalAddress.toString(16)} ${value.toString(16)}`);
    this.registers.set(physicalAddress, value);
    return true;
  }

  private answers(address: bigint): boolean {
    return address >= DEVICE && address < DEVICE + 0x100n;
  }

  private note(access: string): void {
    this.accesses.push(access);
    this.onAccess();
  }
}

/** An engine with nothing around it: M mode, F and D on, registers 0. */
export class BareHart {
  readonly bus = new RecordingBus();
  readonly engine: Engine;
  icount = 0;
  /** Of its virtual clock. */
  clockBiasNs = 0n;
  clockShift = 0;
  private mtimeOffset = 0n;
  private interruptLines = 0n;

  constructor({ create }: NamedEngine, ramBytes = RAM_BYTES) {
    this.engine = create(this.bus, { ramBytes });
    for (const name of HART_FIELDS) this.set(name, 0n);
    this.set("pc", CODE);
    this.set("privilege", PRIVILEGE.machine);
    this.set("mstatus", FS_DIRTY);
    this.set("reservation", NO_RESERVATION);
    this.set("mtvec", HANDLER);
    this.place(HANDLER, new Program().i("jal", { imm: 0 }));
  }

  get pc(): bigint {
    return this.field("pc");
  }

  field(name: HartField): bigint {
    return this.engine.registers.field(name);
  }

  set(name: HartField, value: bigint): this {
    this.engine.registers.setField(name, value);
    return this;
  }

  x(register: number): bigint {
    return this.engine.registers.x(register);
  }

  setX(register: number, value: bigint): this {
    this.engine.registers.setX(register, BigInt.asUintN(64, value));
    return this;
  }

  f(register: number): bigint {
    return this.engine.registers.f(register);
  }

  setF(register: number, value: bigint): this {
    this.engine.registers.setF(register, value);
    return this;
  }

  /** Bytes come from outside, as a device's DMA does. */
  place(address: bigint, content: Program | Uint8Array): this {
    const bytes = content instanceof Program ? content.bytes() : content;
    const offset = Number(address - BigInt(DRAM_BASE));
    this.engine.ram.set(bytes, offset);
    this.engine.ramWritten(offset, bytes.length);
    return this;
  }

  placeDouble(address: bigint, value: bigint): this {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, value, true);
    return this.place(address, bytes);
  }

  double(address: bigint): bigint {
    const { ram } = this.engine;
    return new DataView(ram.buffer, ram.byteOffset).getBigUint64(Number(address - BigInt(DRAM_BASE)), true);
  }

  /** The devices' lines, as bits of mip. */
  raise(interruptLines: bigint): this {
    this.interruptLines = interruptLines;
    this.engine.showInputs(Number(interruptLines), this.mtimeOffset);
    return this;
  }

  setMtimeOffset(ticks: bigint): this {
    this.mtimeOffset = ticks;
    this.engine.showInputs(Number(this.interruptLines), ticks);
    return this;
  }

  /** Runs at most so many instructions. Registers and fields that were set since the last run count. */
  run(insns: number): RunEnd {
    this.engine.invalidate();
    return this.resume(insns);
  }

  /** As `run`, but what was derived before stays: nothing was changed from outside. */
  resume(insns: number): RunEnd {
    const endIcount = this.icount + insns;
    const { clockBiasNs, clockShift } = this;
    const end = this.engine.run({ insns, endIcount, clockBiasNs, clockShift });
    this.icount = endIcount - this.engine.remainingInsns;
    return end;
  }

  /** Places a program at `CODE` and runs each of its instructions once, if none jumps or traps. */
  execute(program: Program): this {
    this.place(CODE, program);
    this.run(program.length);
    return this;
  }
}
