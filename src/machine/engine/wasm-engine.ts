/** The WebAssembly engine: an interpreter, and compiled regions for hot code. */
import { check } from "../../options/check.js";
import { call, distance, exactly, maybe, value } from "../../options/codecs.js";
import { aBus } from "../../options/parts.js";
import { evaluateFloat } from "../float/operations.js";
import type { RoundingMode } from "../float/float.js";
import { WAITING } from "../hart/fields.js";
import { FS_DIRTY } from "../hart/mstatus.js";
import type { HartNotes } from "../hart/notes.js";
import type { HartRegisters } from "../hart/registers.js";
import type { Carried } from "./carried.js";
import type { Bus, Engine, EngineOptions, RunBudget, RunEnd, Turn, WriteReader } from "./engine.js";
import { EngineMemory } from "./engine-memory.js";
import { forgetCounts } from "./counters.js";
import { engineStatistics, type EngineStatistics } from "./engine-statistics.js";
import type { InterpreterExports, InterpreterImports } from "./interpreter/interpreter-interface.js";
import { interpreterModule } from "./interpreter/interpreter-module.js";
import { RUN_END } from "./interpreter/loop-boundary.js";
import {
  ATTENTION,
  CODE_PAGE_BYTES,
  CONTEXT_ENTRIES,
  CONTEXT_ENTRY_BYTES,
  CONTEXT_TABLE,
  CONTROL,
  FETCH_TLB,
  FIELD,
  HANDLER,
  NEVER,
  layoutFor,
  PAGE_BYTES,
  PAGE_FLAG,
  PAGE_SHIFT,
  READ_TLB,
  SCRATCH_SLOT,
  SLOT_BYTES,
  WALKED_BYTES_A_PAGE,
  WRITE_TLB,
} from "./layout.js";
import { PageDigester } from "../digest/page-digest.js";
import { MAX_MODULES, MAX_REGIONS } from "./compiled/installed-code.js";
import { WAYS_OUT, type WayOut } from "./compiled/code-protocol.js";
import { hasTailCalls } from "./compiled/tail-calls.js";
import type { TraceCompilerExports } from "./traces/compiler-functions.js";
import { usualTemplates } from "./traces/usual-templates.js";
import { HotCode } from "./hot-code.js";
import { WasmProbes } from "./wasm-probes.js";
import type { OutsideWriter, ProbeListener, Probes } from "./probes.js";

const RUN_ENDS: readonly RunEnd[] = Object.entries(RUN_END)
  .sort(([, a], [, b]) => a - b)
  .map(([name]) => name as RunEnd);

const READER_FLAG: Readonly<Record<WriteReader, number>> = {
  digest: PAGE_FLAG.digestStale,
  capture: PAGE_FLAG.uncaptured,
};
const FOR_TAKEN = Number(WAITING.forTaken);

const DEFAULT_THRESHOLD = 10_000;
/** A trace costs a few µs an instruction. */
const DEFAULT_TRACE_THRESHOLD = 2000;
/** Some 50 µs: taking a sample costs less than 1 % of that. */
const DEFAULT_STRETCH = 1 << 16;
/** 8 million instructions. A region of a page of hot code costs V8 some 10 ms, and saves less than 1 ns each. */
const DEFAULT_SAMPLES = 128;
/** Regions of so many instructions cost V8 some 40 ms at most. */
const DEFAULT_SMALL = 2000;
/** A slot is compiled too if its heat is at least the threshold divided by this. */
const WARM_DIVISOR = 16;
/** Not leaving a region saves little compared with compiling a page's code again. */
const COOLING_FACTOR = 32;
/** A region compiled alone costs ten times as much as one of a batch. */
const DEFAULT_BATCH = 16;

/** One per memory size, so a process with many machines compiles once. */
const modules = new Map<string, WebAssembly.Module>();

function moduleFor({ name, make }: Interpreter, prebuilt: WasmEngineOptions["prebuilt"]): WebAssembly.Module {
  let module = modules.get(name);
  if (module === undefined) {
    module = new WebAssembly.Module(prebuilt?.(name) ?? make());
    modules.set(name, module);
  }
  return module;
}

export interface Interpreter {
  /** Equal for engines that can share the interpreter. */
  readonly name: string;
  readonly make: () => Uint8Array<ArrayBuffer>;
  /** The same with what an engine else makes while it runs. It takes longer, and is for builds. */
  readonly makeAhead: () => Uint8Array<ArrayBuffer>;
}

/** The interpreter of an engine with these options. */
export function interpreterFor(options: WasmEngineOptions): Interpreter {
  const { ramBytes, codePages, probed } = options;
  const layout = layoutFor(ramBytes, codePages);
  const isProbed = probed !== undefined;
  const { hotThreshold, traces } = tiersOf(options);
  const variants = [...(traces ? ["traces"] : []), ...(isProbed ? ["probed"] : [])];
  return {
    name: [ramBytes, layout.codePages, hotThreshold, ...variants].join("-"),
    make: () => interpreterModule(layout, { hotThreshold, traces, isProbed }),
    makeAhead: () => {
      const templates = traces ? usualTemplates(layout) : undefined;
      return interpreterModule(layout, { hotThreshold, traces, isProbed, templates });
    },
  };
}

/** What is compiled when. A host without tail calls has no traces. */
function tiersOf({ compileThreshold, traceThreshold }: WasmEngineOptions): { hotThreshold: number; traces: boolean } {
  const tracesFrom = traceThreshold ?? (compileThreshold === undefined ? DEFAULT_TRACE_THRESHOLD : Infinity);
  const traces = tracesFrom !== Infinity && hasTailCalls();
  return { hotThreshold: traces ? tracesFrom : (compileThreshold ?? DEFAULT_THRESHOLD), traces };
}

export interface WasmEngineOptions extends EngineOptions {
  /** The number of decoded code pages, 16 KiB each. */
  readonly codePages?: number;
  /**
   * Arrivals at an instruction before a region is compiled from there. Infinity: never. 1: code is compiled before its
   * first execution.
   */
  readonly compileThreshold?: number;
  /**
   * Arrivals at an instruction before the way from there is compiled as a trace; regions then come where traces take
   * time. Infinity: never, and regions come by arrivals. Absent: with `compileThreshold` never, else some.
   */
  readonly traceThreshold?: number;
  /** A sample of where control is is taken each time that compiled code has executed so many instructions. */
  readonly stretchInsns?: number;
  /** So many samples in traces of a page make a region there. */
  readonly regionSamples?: number;
  /** A program of fewer instructions has regions, and no traces: they cannot cost much. */
  readonly smallInsns?: number;
  /** Regions or traces compiled together in one module. */
  readonly regionBatch?: number;
  /** Modules compiled before all are dropped and compiling begins anew. V8 ends the process at some 32,000. */
  readonly regionModules?: number;
  /** A clock, in ms, to measure compiling for statistics. */
  readonly nowMs?: () => number;
  /** Interpreters built earlier, by name, with exactly this version of the engine. */
  readonly prebuilt?: (name: string) => Uint8Array<ArrayBuffer> | undefined;
}

const aBound = value("a number, 1 or more", (given) => typeof given === "number" && given >= 1);
const BUS = exactly<{ readonly bus: Bus }>({ bus: aBus });
const OPTIONS = exactly<WasmEngineOptions>({
  ramBytes: distance,
  harts: maybe(distance),
  codePages: maybe(aBound),
  compileThreshold: maybe(aBound),
  traceThreshold: maybe(aBound),
  stretchInsns: maybe(aBound),
  regionSamples: maybe(aBound),
  smallInsns: maybe(aBound),
  regionBatch: maybe(aBound),
  regionModules: maybe(aBound),
  nowMs: maybe(call),
  prebuilt: maybe(call),
  probed: maybe(call),
});

export class WasmEngine implements Engine {
  /** Only for the engine's own tests. Other code uses the `Engine` interface. */
  readonly memory: EngineMemory;
  private readonly exports: InterpreterExports;
  private readonly code: HotCode;
  private readonly probes: WasmProbes | undefined;
  private digester: PageDigester | undefined;
  private interpreterMs = 0;
  private listener: ProbeListener | undefined;

  constructor(
    private bus: Bus,
    options: WasmEngineOptions,
  ) {
    check("WasmEngine", BUS, { bus });
    check("WasmEngine", OPTIONS, options);
    const { ramBytes, harts = 1, codePages, prebuilt, nowMs = () => 0, probed } = options;
    const { compileThreshold = DEFAULT_THRESHOLD, regionBatch = DEFAULT_BATCH, regionModules = MAX_MODULES } = options;
    const { stretchInsns = DEFAULT_STRETCH, regionSamples = DEFAULT_SAMPLES, smallInsns = DEFAULT_SMALL } = options;
    const layout = layoutFor(ramBytes, codePages);
    this.memory = new EngineMemory(layout, harts);
    this.listener = probed;
    const tell: ProbeListener = (icount, what) => this.listener?.(icount, what);
    this.probes = probed === undefined ? undefined : new WasmProbes(this.memory, tell);
    this.code = new HotCode(this.memory, {
      isProbed: (address, raw) => this.probes?.isReached(address, raw) ?? false,
      batch: regionBatch,
      maxModules: regionModules,
      maxRegions: MAX_REGIONS,
      hotThreshold: tiersOf(options).hotThreshold,
      cooling: compileThreshold * COOLING_FACTOR,
      warmth: Math.max(2, Math.floor(compileThreshold / WARM_DIVISOR)),
      speculative: compileThreshold <= 1,
      traced: tiersOf(options).traces,
      decodeSlot: (slot) => {
        this.exports.decodeSlot(slot);
      },
      ...(tiersOf(options).traces
        ? { waysOut: () => this.waysOut, traceCompiler: () => this.exports as TraceCompilerExports }
        : {}),
      samples: regionSamples,
      smallInsns,
      nowMs,
    });
    const startMs = nowMs();
    const env = { memory: this.memory.wasm, table: this.code.table, ...this.imports() };
    this.exports = new WebAssembly.Instance(moduleFor(interpreterFor(options), prebuilt), { env })
      .exports as unknown as InterpreterExports;
    this.interpreterMs = nowMs() - startMs;
    if (this.exports.noCode !== undefined) this.code.table.set(0, this.exports.noCode);
    this.memory.setCount(CONTROL.stretchInsns, stretchInsns);
    this.memory.setCount(CONTROL.stretchLeft, stretchInsns);
    this.memory.setWord(CONTROL.nextContext, 1n);
    // Until `execute` says otherwise the hart is alone, and gives no turn away.
    this.memory.setWord(CONTROL.yieldsFrom, NEVER);
    // Both slots after the scratch slot continue at the next pc, for either length of its instruction.
    for (const offset of [SLOT_BYTES, 2 * SLOT_BYTES]) {
      this.memory.view.setUint16(SCRATCH_SLOT + offset, HANDLER.pageEnd, true);
    }
    this.invalidate();
  }

  get registers(): HartRegisters {
    return this.memory.window;
  }

  hart(hart: number): HartRegisters & HartNotes {
    return this.memory.hart(hart);
  }

  execute(hart: number, { othersInsns, yieldsFrom }: Turn): void {
    const { memory } = this;
    memory.setCount(CONTROL.othersInsns, othersInsns);
    memory.setCount(CONTROL.yieldsFrom, Math.min(yieldsFrom, Number(NEVER)));
    if (hart === memory.low(CONTROL.hartId)) return;
    if (memory.switchTo(hart)) memory.setWord(CONTROL.contextStale, 1n);
    else this.invalidate();
  }

  get hasPaused(): boolean {
    return this.memory.low(CONTROL.attention) === ATTENTION.paused;
  }

  get ram(): Uint8Array {
    return this.memory.ram;
  }

  get rom(): Uint8Array {
    return this.memory.rom;
  }

  run({ insns, endIcount, clockBiasNs, clockShift }: RunBudget): RunEnd {
    const { memory } = this;
    memory.setCount(CONTROL.endIcount, endIcount);
    memory.setWord(CONTROL.clockBiasNs, clockBiasNs);
    memory.setCount(CONTROL.clockShift, clockShift);
    memory.setCount(CONTROL.attention, 0);
    memory.setCount(CONTROL.remaining, insns);
    memory.setCount(CONTROL.stash, 0);
    this.probes?.attempt.begin();
    const end = RUN_ENDS[this.exports.run()];
    this.code.recorded();
    if (end === undefined) throw new Error("the interpreter ended without a reason");
    return end;
  }

  get remainingInsns(): number {
    return this.memory.low(CONTROL.remaining);
  }

  get isInTrapLoop(): boolean {
    return this.memory.low(FIELD.waiting) === FOR_TAKEN;
  }

  showInputs(interruptLines: number, mtimeOffset: bigint): void {
    const { memory } = this;
    memory.setWord(CONTROL.mtimeOffset, mtimeOffset);
    if (interruptLines === memory.low(CONTROL.interruptLines)) return;
    memory.setCount(CONTROL.interruptLines, interruptLines);
    memory.cut();
  }

  icountInRun(): number {
    return this.memory.icountInRun();
  }

  endRun(): void {
    this.memory.endRun();
  }

  restartInstruction(): void {
    this.memory.restartInstruction();
  }

  standBefore(): void {
    this.memory.restartInstruction();
    for (const { offset, bytes } of this.probes?.leaveAttempt() ?? []) {
      this.ram.set(bytes, offset);
      this.ramWritten(offset, bytes.length);
    }
  }

  get trappedAt(): number | undefined {
    return this.probes?.attempt.trappedAt;
  }

  invalidate(): void {
    const { memory } = this;
    const { layout } = memory;
    memory.bytes.fill(0, CONTEXT_TABLE, CONTEXT_TABLE + CONTEXT_ENTRIES * CONTEXT_ENTRY_BYTES);
    memory.bytes.fill(0, layout.pmpChunks, layout.pmpChunks + layout.pmpChunkCount);
    memory.setWord(CONTROL.contextStale, 1n);
  }

  ramWritten(offset: number, bytes: number): void {
    const { memory } = this;
    const { layout } = memory;
    const last = (offset + bytes - 1) >>> PAGE_SHIFT;
    let dropsTranslations = false;
    for (let page = offset >>> PAGE_SHIFT; page <= last; page += 1) {
      const flags = memory.pageFlags[page] ?? 0;
      const start = Math.max(offset, page * PAGE_BYTES);
      const end = Math.min(offset + bytes, (page + 1) * PAGE_BYTES);
      if ((flags & PAGE_FLAG.code) !== 0) {
        this.exports.invalidateCode(0, page, layout.ram + start, end - start);
      }
      if ((flags & PAGE_FLAG.tables) !== 0) {
        dropsTranslations = true;
        const walked = layout.walkedEntries + page * WALKED_BYTES_A_PAGE;
        memory.bytes.fill(0, walked, walked + WALKED_BYTES_A_PAGE);
      }
      memory.pageFlags[page] = (flags | PAGE_FLAG.digestStale | PAGE_FLAG.uncaptured) & ~PAGE_FLAG.tables;
    }
    if (dropsTranslations) this.invalidate();
  }

  readRam(offset: number, bytes: number, to?: Carried): Uint8Array {
    this.probes?.gate.loadedByDevice(offset, bytes, to);
    return this.ram.subarray(offset, offset + bytes);
  }

  writeRam(offset: number, bytes: Uint8Array, by: OutsideWriter, from?: Carried): void {
    this.probes?.gate.storedFromOutside(offset, bytes, by, from);
    this.ram.set(bytes, offset);
    this.ramWritten(offset, bytes.length);
  }

  watch(probes: Probes): void {
    if (this.probes === undefined) throw new Error("an engine without a listener has no probes");
    const { memory } = this;
    const { layout } = memory;
    const changed = this.probes.watch(probes);
    if (changed === "all") this.forgetCode();
    else for (const host of changed) this.decodeAgain((host - layout.ram) >>> PAGE_SHIFT, host, 1);
    memory.bytes.fill(0, READ_TLB, FETCH_TLB);
    memory.setWord(CONTROL.contextStale, 1n);
  }

  /** All of it is decoded anew. */
  private forgetCode(): void {
    const { layout } = this.memory;
    for (const page of this.pagesOfCode()) this.decodeAgain(page, layout.ram + page * PAGE_BYTES, PAGE_BYTES);
  }

  /** The instructions that have one of these bytes, which lie in one page. */
  private decodeAgain(page: number, host: number, bytes: number): void {
    this.dropRegionsOf(page);
    this.exports.invalidateCode(0, page, host, bytes);
  }

  /** Once, of a page at many of whose instructions something changes: each time all its slots are looked at. */
  private dropRegionsOf(page: number): void {
    const { view, layout, pageFlags } = this.memory;
    if (((pageFlags[page] ?? 0) & PAGE_FLAG.regions) === 0) return;
    const code = view.getUint32(layout.pageCode + page * 4, true);
    if (code !== 0) this.code.drop((code - layout.codePool) / CODE_PAGE_BYTES, { isRewritten: false });
  }

  /** The pages of RAM and ROM of which there is decoded code. */
  private *pagesOfCode(): Generator<number> {
    const { view, layout } = this.memory;
    for (let codePage = 0; codePage < layout.codePages; codePage += 1) {
      const owner = view.getUint32(layout.codeOwners + codePage * 4, true);
      if (owner !== 0) yield owner - 1;
    }
  }

  loadRom(bytes: Uint8Array): void {
    const { memory } = this;
    for (let at = 0; at < bytes.length; at += PAGE_BYTES) {
      const part = bytes.subarray(at, at + PAGE_BYTES);
      if (part.every((byte, index) => byte === memory.rom[at + index])) continue;
      memory.rom.set(part, at);
      this.decodeAgain(memory.layout.ramPages + at / PAGE_BYTES, memory.layout.rom + at, part.length);
    }
  }

  attach(bus: Bus, probed: ProbeListener | undefined): void {
    this.bus = bus;
    this.listener = probed;
    this.interpreterMs = 0;
    this.code.countAnew();
    forgetCounts(this.memory);
  }

  decodedPages(most: number): readonly number[] {
    const pages: number[] = [];
    for (const page of this.pagesOfCode()) {
      if (pages.length >= most) break;
      if (page < this.memory.layout.ramPages) pages.push(page);
    }
    return pages;
  }

  statistics(): EngineStatistics {
    const { interpreterMs } = this;
    return engineStatistics(this.memory, { compiled: this.code.statistics(), interpreterMs });
  }

  loadPages(pages: Iterable<readonly [page: number, bytes: Uint8Array | undefined]>): void {
    const { ram, pageFlags } = this.memory;
    for (const [page, bytes] of pages) {
      const offset = page * PAGE_BYTES;
      this.dropRegionsOf(page);
      if (bytes === undefined) ram.fill(0, offset, offset + PAGE_BYTES);
      else ram.set(bytes, offset);
      this.ramWritten(offset, PAGE_BYTES);
      pageFlags[page] = (pageFlags[page] ?? 0) & ~(PAGE_FLAG.digestStale | PAGE_FLAG.uncaptured);
    }
    this.noticeWrites();
  }

  takeWritten(reader: WriteReader): readonly number[] {
    const pages = this.memory.takeFlagged(READER_FLAG[reader]);
    if (pages.length > 0) this.noticeWrites();
    return pages;
  }

  pageDigest(page: number): bigint {
    const { memory } = this;
    this.digester ??= new PageDigester(memory.wasm);
    return this.digester.at(memory.layout.ram + page * PAGE_BYTES, page);
  }

  /** Flags were cleared, so the next store to each page must be noticed again. */
  noticeWrites(): void {
    this.memory.bytes.fill(0, WRITE_TLB, FETCH_TLB);
  }

  private get waysOut(): Readonly<Record<WayOut, CallableFunction>> {
    return Object.fromEntries(WAYS_OUT.map((name) => [name, this.exports[name]])) as Record<WayOut, CallableFunction>;
  }

  private imports(): InterpreterImports {
    const { memory } = this;
    const present: Bus = {
      load: (high, low, width) => this.bus.load(high, low, width),
      store: (high, low, width, value) => this.bus.store(high, low, width, value),
    };
    const bus = this.probes?.over(present) ?? present;
    const { layout } = memory;
    return {
      busLoad: (high, low, width) => {
        const value = bus.load(high, low, width);
        if (value === undefined) memory.setWord(CONTROL.accessFault, 1n);
        return value ?? 0n;
      },
      busStore: (high, low, width, value) => {
        const answered = bus.store(high, low, width, BigInt.asUintN(width * 8, value));
        if (!answered) memory.setWord(CONTROL.accessFault, 1n);
      },
      float: (operation, rm, a, b, c) => {
        const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value);
        const { bits, flags } = evaluateFloat(
          operation,
          Number(rm) as RoundingMode,
          unsigned(a),
          unsigned(b),
          unsigned(c),
        );
        if (flags !== 0) {
          memory.setWord(FIELD.fflags, memory.word(FIELD.fflags) | BigInt(flags));
          memory.setWord(FIELD.mstatus, memory.word(FIELD.mstatus) | FS_DIRTY);
        }
        return bits;
      },
      noteHot: (slot) => Number(this.code.noteHot(slot)),
      noteRecorded: () => {
        this.code.recorded();
      },
      noteStretch: (slot) => {
        this.code.noteStretch(slot);
      },
      noteSplit: (slot) => {
        this.code.noteSplit(slot);
      },
      noteTranslated: () => {
        this.code.noteTranslated();
      },
      dropRegions: (codeAddress) => {
        this.code.drop((codeAddress - layout.codePool) / CODE_PAGE_BYTES);
      },
      ...this.probes?.imports,
    };
  }
}
