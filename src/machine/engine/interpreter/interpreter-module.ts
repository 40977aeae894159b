/** The interpreter's WebAssembly module: the loop, and a function for each thing that the loop leaves out. */
import { takePendingInterrupt, takeTrap } from "../../hart/trap.js";
import { ModuleBuilder, type Signature } from "../../wasm/module-builder.js";
import { enterAddressSpacesFunction, flushTranslationsFunction } from "../accesses/address-spaces.js";
import { fetchOneFunction, fetchPageFunction } from "../decoded/code-pages.js";
import { codeStoredFunction, detachCodeFunction } from "../decoded/code-pool.js";
import { CODE_SIGNATURE } from "../compiled/code-protocol.js";
import { defineWaysOut } from "../compiled/ways-out.js";
import { decoderTable } from "../decoded/decoder-table.js";
import { decodeFunction, decodeSlotFunction, encodingOfSlotFunction, slotHostFunction } from "../decoded/decoder.js";
import { OutOfLineFunctions } from "./execute-out-of-line.js";
import { hostAddressFunction } from "../accesses/host-address.js";
import { IMPORTS } from "./interpreter-interface.js";
import { interpreterLoop } from "./interpreter-loop.js";
import { DECODER_TABLE, type Layout } from "../layout.js";
import { notePageTableFunction, pageTableStoredFunction } from "../accesses/page-tables.js";
import { PROBE_IMPORTS } from "../probe-imports.js";
import { ProcedureFunctions } from "./procedure-functions.js";
import { loadSlowFunction } from "../accesses/slow-load.js";
import { storeSlowFunction } from "../accesses/slow-store.js";
import type { EngineFunctions } from "../slot-ops.js";
import { defineTraceCompiler } from "../traces/compiler-functions.js";
import type { InitialData } from "../traces/usual-templates.js";
import { invalidateCodeFunction, writeWatchedFunction } from "../accesses/watched-writes.js";
import { forgetWritesToFunction } from "../accesses/write-entries.js";

export interface InterpreterOptions {
  /** How many arrivals make a slot hot. Infinity: it never is. */
  readonly hotThreshold: number;
  /** Compiled code goes on to other code by itself, so that there can be traces. */
  readonly traces: boolean;
  /** It tells what is probed: see probes.ts. */
  readonly isProbed: boolean;
  /** Templates of traces that its memory has from the start. */
  readonly templates?: InitialData | undefined;
}

export function interpreterModule(
  layout: Layout,
  { hotThreshold, traces, isProbed, templates }: InterpreterOptions,
): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importTable();
  const imported = importAll(module, IMPORTS);
  const probes = isProbed ? importAll(module, PROBE_IMPORTS) : undefined;
  const declared = declareAll(module);
  const run = module.declareFunction({ parameters: [], results: ["i32"] }, "run");
  const procedures = new ProcedureFunctions(module);
  const engine: EngineFunctions = {
    ...declared,
    layout,
    procedure: (procedure) => procedures.indexOf(procedure, engine),
    float: imported.float,
    takeTrap,
    probes,
  };
  const parts: Parts = { module, engine, imported, declared };
  defineAccesses(parts);
  defineTranslations(parts);
  defineDecodedCode(parts);
  const outOfLine = new OutOfLineFunctions(module, engine);
  const loop = interpreterLoop({
    ...engine,
    ...declared,
    ...imported,
    takePendingInterrupt: engine.procedure(takePendingInterrupt),
    codeType: module.typeOf(CODE_SIGNATURE),
    hotThreshold,
    traces,
    executesOutOfLine: (instruction) => {
      outOfLine.define(instruction);
    },
  });
  module.defineFunction(run, loop);
  module.defineFunction(declared.executeOutOfLine, outOfLine.execute());
  if (traces) {
    defineWaysOut(module, layout);
    defineTraceCompiler(module, layout, declared.encodingOfSlot);
  }
  if (templates !== undefined) module.initialData(templates.address, templates.bytes);
  return module.build({ initialPages: layout.wasmPages });
}

/** Every function outside the loop has the slot as its first parameter. These are those behind it. */
const FUNCTIONS = {
  hostAddress: { parameters: ["i64"], results: ["i32"] },
  loadSlow: { parameters: ["i32", "i64"], results: ["i64"] },
  loadForStoreSlow: { parameters: ["i32", "i64"], results: ["i64"] },
  storeSlow: { parameters: ["i32", "i64", "i64"], results: [] },
  writeWatched: { parameters: ["i32", "i32", "i64"], results: ["i32"] },
  invalidateCode: { parameters: ["i32", "i32", "i32"], results: [] },
  codeStored: { parameters: ["i32"], results: [] },
  detachCode: { parameters: [], results: [] },
  flushTranslations: { parameters: [], results: [] },
  notePageTable: { parameters: ["i32"], results: [] },
  pageTableStored: { parameters: ["i32", "i32", "i32"], results: [] },
  forgetWritesTo: { parameters: [], results: [] },
  enterAddressSpaces: { parameters: [], results: [] },
  decode: { parameters: ["i32"], results: [] },
  slotHost: { parameters: [], results: ["i32"] },
  encodingOfSlot: { parameters: [], results: ["i64"] },
  decodeSlot: { parameters: [], results: [] },
  fetchPage: { parameters: ["i64"], results: ["i32"] },
  fetchOne: { parameters: ["i64"], results: ["i32"] },
  executeOutOfLine: { parameters: ["i32"], results: [] },
} as const satisfies Readonly<Record<string, Signature>>;
type FunctionName = keyof typeof FUNCTIONS;

const EXPORTED: ReadonlySet<string> = new Set<FunctionName>(["invalidateCode", "flushTranslations", "decodeSlot"]);

type Indices<Name extends string> = Readonly<Record<Name, number>>;

const indicesOf = <Name extends string>(
  signatures: Readonly<Record<Name, Signature>>,
  add: (name: Name, signature: Signature) => number,
): Indices<Name> =>
  Object.fromEntries(
    Object.entries<Signature>(signatures).map(([name, signature]) => [name, add(name as Name, signature)]),
  ) as Indices<Name>;

const importAll = <Name extends string>(
  module: ModuleBuilder,
  signatures: Readonly<Record<Name, Signature>>,
): Indices<Name> => indicesOf(signatures, (name, signature) => module.importFunction(name, signature));

const declareAll = (module: ModuleBuilder): Indices<FunctionName> =>
  indicesOf<FunctionName>(FUNCTIONS, (name, { parameters, results }) =>
    module.declareFunction({ parameters: ["i32", ...parameters], results }, EXPORTED.has(name) ? name : undefined),
  );

interface Parts {
  readonly module: ModuleBuilder;
  readonly engine: EngineFunctions;
  readonly imported: Indices<keyof typeof IMPORTS>;
  readonly declared: Indices<FunctionName>;
}

function defineAccesses({ module, engine, imported, declared }: Parts): void {
  const { layout } = engine;
  const { hostAddress, writeWatched } = declared;
  module.defineFunction(hostAddress, hostAddressFunction(layout));
  module.defineFunction(declared.loadSlow, loadSlowFunction(engine, imported, hostAddress, "load"));
  module.defineFunction(declared.loadForStoreSlow, loadSlowFunction(engine, imported, hostAddress, "store"));
  module.defineFunction(declared.storeSlow, storeSlowFunction(engine, imported, hostAddress, writeWatched));
  module.defineFunction(writeWatched, writeWatchedFunction(layout, declared));
}

function defineTranslations({ module, engine, declared }: Parts): void {
  const { layout } = engine;
  module.defineFunction(declared.flushTranslations, flushTranslationsFunction(engine));
  module.defineFunction(declared.notePageTable, notePageTableFunction(layout, declared.forgetWritesTo));
  module.defineFunction(declared.pageTableStored, pageTableStoredFunction(engine));
  module.defineFunction(declared.forgetWritesTo, forgetWritesToFunction(layout));
  module.defineFunction(declared.enterAddressSpaces, enterAddressSpacesFunction(engine));
}

function defineDecodedCode({ module, engine, imported: { dropRegions }, declared }: Parts): void {
  const { layout, probes } = engine;
  const { hostAddress, slotHost, decode, detachCode } = declared;
  module.defineFunction(declared.invalidateCode, invalidateCodeFunction(layout, dropRegions));
  module.defineFunction(declared.codeStored, codeStoredFunction(layout, detachCode));
  module.defineFunction(detachCode, detachCodeFunction(layout));
  const table = decoderTable();
  module.initialData(DECODER_TABLE, table.bytes);
  module.defineFunction(decode, decodeFunction(table));
  module.defineFunction(slotHost, slotHostFunction(layout));
  module.defineFunction(declared.encodingOfSlot, encodingOfSlotFunction(slotHost));
  module.defineFunction(declared.decodeSlot, decodeSlotFunction(layout, { slotHost, decode }, probes));
  const { forgetWritesTo } = declared;
  const fetchPage = fetchPageFunction(engine, hostAddress, { dropRegions, detachCode, forgetWritesTo });
  module.defineFunction(declared.fetchPage, fetchPage);
  module.defineFunction(declared.fetchOne, fetchOneFunction(engine, hostAddress, decode));
}
