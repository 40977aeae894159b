/** The interpreter's WebAssembly module: the loop, and a function for each thing that the loop leaves out. */
import { writeCsr } from "../hart/csr-access.js";
import { pmpAllows } from "../hart/pmp.js";
import { takePendingInterrupt, takeTrap } from "../hart/trap.js";
import type { NumberedInstruction } from "../isa/instruction-set.js";
import type { Assembler } from "../wasm/assembler.js";
import type { Code } from "./compiled-values.js";
import type { Procedure } from "../hart/ops.js";
import { ModuleBuilder, type Signature } from "../wasm/module-builder.js";
import type { ValueType } from "../wasm/opcodes.js";
import { enterAddressSpacesFunction, flushTranslationsFunction } from "./address-spaces.js";
import { fetchOneFunction, fetchPageFunction } from "./code-pages.js";
import { codeStoredFunction, detachCodeFunction } from "./code-pool.js";
import { countTrap } from "./counters.js";
import { decoderTable } from "./decoder-table.js";
import { decodeFunction, decodeSlotFunction, encodingOfSlotFunction, slotHostFunction } from "./decoder.js";
import { functionFrame } from "./function-frame.js";
import { executeOutOfLineFunction } from "./execute-out-of-line.js";
import { interpreterLoop } from "./interpreter-loop.js";
import { DECODER_TABLE, type ControlField, type Layout } from "./layout.js";
import { forgetWritesToFunction, notePageTableFunction, pageTableStoredFunction } from "./page-tables.js";
import { pmpAllowsFunction } from "./pmp-chunks.js";
import { CODE_SIGNATURE } from "./compiled/code-protocol.js";
import { defineWaysOut, type WaysOut } from "./compiled/ways-out.js";
import { hostAddressFunction, loadSlowFunction, storeSlowFunction } from "./slow-accesses.js";
import { invalidateCodeFunction, writeWatchedFunction } from "./watched-writes.js";
import { SlotOps, type EngineFunctions } from "./slot-ops.js";
import { ifSet } from "./probe-calls.js";
import { PROBE_IMPORTS, type ProbeFunctions, type ProbeImports } from "./probe-imports.js";

/** The module's imports from "env", without its memory. */
export interface InterpreterImports extends Partial<ProbeImports> {
  /** A physical address in halves of 32 bits, of any sign. */
  readonly busLoad: (high: number, low: number, width: number) => bigint;
  readonly busStore: (high: number, low: number, width: number, value: bigint) => void;
  readonly float: (operation: number, rm: bigint, a: bigint, b: bigint, c: bigint) => bigint;
  /** A slot has become hot. Not 0: where control goes now is to be recorded. */
  readonly noteHot: (slot: number) => number;
  readonly noteRecorded: () => void;
  readonly noteStretch: (slot: number) => void;
  readonly noteSplit: (slot: number) => void;
  readonly noteTranslated: () => void;
  readonly dropRegions: (codeAddress: number) => void;
}

export interface InterpreterExports extends Partial<WaysOut> {
  readonly run: () => number;
  readonly flushTranslations: (slot: number) => void;
  readonly invalidateCode: (slot: number, page: number, host: number, width: number) => void;
  readonly decodeSlot: (slot: number) => void;
}

const IMPORTS: Readonly<Record<Exclude<keyof InterpreterImports, keyof ProbeImports>, Signature>> = {
  busLoad: { parameters: ["i32", "i32", "i32"], results: ["i64"] },
  busStore: { parameters: ["i32", "i32", "i32", "i64"], results: [] },
  float: { parameters: ["i32", "i64", "i64", "i64", "i64"], results: ["i64"] },
  noteHot: { parameters: ["i32"], results: ["i32"] },
  noteRecorded: { parameters: [], results: [] },
  noteStretch: { parameters: ["i32"], results: [] },
  noteSplit: { parameters: ["i32"], results: [] },
  noteTranslated: { parameters: [], results: [] },
  dropRegions: { parameters: ["i32"], results: [] },
};

export interface InterpreterOptions {
  /** How many arrivals make a slot hot. Infinity: it never is. */
  readonly hotThreshold: number;
  /** Compiled code goes on to other code by itself, so that there can be traces. */
  readonly traces: boolean;
  /** It tells what is probed: see probes.ts. */
  readonly isProbed: boolean;
}

export function interpreterModule(
  layout: Layout,
  { hotThreshold, traces, isProbed }: InterpreterOptions,
): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importTable();
  const importAll = <Name extends string>(signatures: Readonly<Record<Name, Signature>>): Record<Name, number> =>
    Object.fromEntries(
      Object.entries<Signature>(signatures).map(([name, signature]) => [name, module.importFunction(name, signature)]),
    ) as Record<Name, number>;
  const imported = importAll(IMPORTS);
  const probes = isProbed ? importAll(PROBE_IMPORTS) : undefined;

  /** Every function outside the loop has the slot as its first parameter. */
  const declare = (parameters: readonly ValueType[], results: readonly ValueType[], exportName?: string): number =>
    module.declareFunction({ parameters: ["i32", ...parameters], results }, exportName);

  const hostAddress = declare(["i64"], ["i32"]);
  const loadSlow = declare(["i32", "i64"], ["i64"]);
  const loadForStoreSlow = declare(["i32", "i64"], ["i64"]);
  const storeSlow = declare(["i32", "i64", "i64"], []);
  const writeWatched = declare(["i32", "i32", "i64"], ["i32"]);
  const invalidateCode = declare(["i32", "i32", "i32"], [], "invalidateCode");
  const codeStored = declare(["i32"], []);
  const detachCode = declare([], []);
  const flushTranslations = declare([], [], "flushTranslations");
  const notePageTable = declare(["i32"], []);
  const pageTableStored = declare(["i32", "i32", "i32"], []);
  const forgetWritesTo = declare([], []);
  const enterAddressSpaces = declare([], []);
  const decode = declare(["i32"], []);
  const slotHost = declare([], ["i32"]);
  const encodingOfSlot = declare([], ["i64"]);
  const decodeSlot = declare([], [], "decodeSlot");
  const fetchPage = declare(["i64"], ["i32"]);
  const fetchOne = declare(["i64"], ["i32"]);
  const executeOutOfLine = declare(["i32"], []);
  const run = module.declareFunction({ parameters: [], results: ["i32"] }, "run");

  const procedures = new ProcedureFunctions(module);
  const engine: EngineFunctions = {
    layout,
    procedure: (procedure) => procedures.indexOf(procedure, engine),
    loadSlow,
    storeSlow,
    loadForStoreSlow,
    notePageTable,
    flushTranslations,
    invalidateCode,
    float: imported.float,
    encodingOfSlot,
    takeTrap,
    probes,
  };

  module.defineFunction(hostAddress, hostAddressFunction(layout));
  module.defineFunction(loadSlow, loadSlowFunction(engine, imported, hostAddress, "load"));
  module.defineFunction(loadForStoreSlow, loadSlowFunction(engine, imported, hostAddress, "store"));
  module.defineFunction(storeSlow, storeSlowFunction(engine, imported, hostAddress, writeWatched));
  module.defineFunction(writeWatched, writeWatchedFunction(layout, { invalidateCode, codeStored, pageTableStored }));
  module.defineFunction(invalidateCode, invalidateCodeFunction(layout, imported.dropRegions));
  module.defineFunction(codeStored, codeStoredFunction(layout, detachCode));
  module.defineFunction(detachCode, detachCodeFunction(layout));
  module.defineFunction(flushTranslations, flushTranslationsFunction(engine));
  module.defineFunction(notePageTable, notePageTableFunction(layout, forgetWritesTo));
  module.defineFunction(pageTableStored, pageTableStoredFunction(engine));
  module.defineFunction(forgetWritesTo, forgetWritesToFunction(layout));
  module.defineFunction(enterAddressSpaces, enterAddressSpacesFunction(engine));
  const table = decoderTable();
  module.initialData(DECODER_TABLE, table.bytes);
  module.defineFunction(decode, decodeFunction(table));
  module.defineFunction(slotHost, slotHostFunction(layout));
  module.defineFunction(encodingOfSlot, encodingOfSlotFunction(slotHost));
  module.defineFunction(decodeSlot, decodeSlotFunction(layout, { slotHost, decode }, probes));
  const { dropRegions } = imported;
  module.defineFunction(fetchPage, fetchPageFunction(engine, hostAddress, { dropRegions, detachCode, forgetWritesTo }));
  module.defineFunction(fetchOne, fetchOneFunction(engine, hostAddress, decode));

  const outOfLine = new Map<number, number>();
  const executesOutOfLine = (instruction: NumberedInstruction): void => {
    if (outOfLine.has(instruction.number)) return;
    const index = declare([], []);
    outOfLine.set(instruction.number, index);
    const { frame } = functionFrame([], undefined);
    const o = new SlotOps(frame, engine);
    instruction.execute(o, o.operands(instruction.format));
    module.defineFunction(index, frame.asm);
  };
  module.defineFunction(
    run,
    interpreterLoop({
      ...engine,
      fetchPage,
      fetchOne,
      enterAddressSpaces,
      takePendingInterrupt: engine.procedure(takePendingInterrupt),
      decodeSlot,
      ...imported,
      codeType: module.typeOf(CODE_SIGNATURE),
      hotThreshold,
      traces,
      executeOutOfLine,
      executesOutOfLine,
    }),
  );
  module.defineFunction(executeOutOfLine, executeOutOfLineFunction(outOfLine));
  if (traces) defineWaysOut(module, layout);
  return module.build({ initialPages: layout.wasmPages });
}

/** What is told before a trap is taken, or a CSR written. */
function tellProbe(
  procedure: Procedure<number>,
  { probeTrapped, probeCsrWritten }: ProbeFunctions,
  asm: Assembler,
  inputs: readonly Code[],
): void {
  const tell = (wanted: ControlField, probe: number): void => {
    ifSet(asm, wanted, () => {
      for (const input of inputs) input();
      asm.call(probe);
    });
  };
  if (procedure === takeTrap) tell("probesTraps", probeTrapped);
  if (procedure === writeCsr) tell("probesCsrs", probeCsrWritten);
}

/** Shared semantics, compiled at the first use. */
class ProcedureFunctions {
  private readonly indices = new Map<Procedure<number>, number>();

  constructor(private readonly module: ModuleBuilder) {}

  indexOf(procedure: Procedure<number>, engine: EngineFunctions): number {
    const known = this.indices.get(procedure);
    if (known !== undefined) return known;
    if (procedure === pmpAllows) return this.pmpAllows(engine);
    return this.compile(procedure, engine);
  }

  /** Remembers what it allowed. */
  private pmpAllows(engine: EngineFunctions): number {
    const signature: Signature = { parameters: ["i32", "i64", "i64", "i64", "i64"], results: ["i64"] };
    const index = this.module.declareFunction(signature);
    const exact = this.compile(pmpAllows, engine);
    this.indices.set(pmpAllows, index);
    this.module.defineFunction(index, pmpAllowsFunction(engine.layout, exact));
    return index;
  }

  private compile(procedure: Procedure<number>, engine: EngineFunctions): number {
    const parameters = Array.from({ length: procedure.arity }, (): ValueType => "i64");
    const index = this.module.declareFunction({ parameters: ["i32", ...parameters], results: ["i64"] });
    this.indices.set(procedure, index);
    const { frame, parameter } = functionFrame(parameters, "i64");
    const o = new SlotOps(frame, engine);
    const inputs = parameters.map((_, position) => () => {
      frame.asm.get(parameter(position));
    });
    if (procedure === takeTrap) countTrap(frame.asm, inputs[0] ?? frame.pc);
    if (engine.probes !== undefined) tellProbe(procedure, engine.probes, frame.asm, inputs);
    procedure.body(o, ...inputs)();
    this.module.defineFunction(index, frame.asm);
    return index;
  }
}
