/** The trace compiler over an engine's memory, without the interpreter around it. */
import {
  decodeFunction,
  decodeSlotFunction,
  encodingOfSlotFunction,
  slotHostFunction,
} from "../../src/machine/engine/decoded/decoder.js";
import { decoderTable } from "../../src/machine/engine/decoded/decoder-table.js";
import type { EngineMemory } from "../../src/machine/engine/engine-memory.js";
import { CONTROL, DECODER_TABLE, MAX_TRACE_INSNS, type Layout } from "../../src/machine/engine/layout.js";
import { defineTraceCompiler, type TraceCompilerExports } from "../../src/machine/engine/traces/compiler-functions.js";
import { TraceCompiler } from "../../src/machine/engine/traces/trace-compiler.js";
import { ModuleBuilder } from "../../src/machine/wasm/module-builder.js";

interface Exports extends TraceCompilerExports {
  readonly decodeSlot: (slot: number) => void;
}

export interface LoneCompiler {
  readonly compiler: TraceCompiler;
  readonly decodeSlot: (slot: number) => void;
}

export function compilerOver(memory: EngineMemory): LoneCompiler {
  const module = new WebAssembly.Module(compilerModule(memory.layout));
  const { exports } = new WebAssembly.Instance(module, { env: { memory: memory.wasm } });
  const functions = exports as unknown as Exports;
  return { compiler: new TraceCompiler(memory, () => functions), decodeSlot: functions.decodeSlot };
}

/** As the interpreter records where the hart was. */
export function recordPath(memory: EngineMemory, pcs: readonly bigint[]): void {
  const { start } = memory.layout.recorded;
  pcs.forEach((pc, index) => {
    memory.view.setBigUint64(start + index * 8, pc, true);
  });
  memory.setCount(CONTROL.recordAt, pcs.length > MAX_TRACE_INSNS ? 0 : start + pcs.length * 8);
}

function compilerModule(layout: Layout): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  const table = decoderTable();
  module.initialData(DECODER_TABLE, table.bytes);
  const slot = { parameters: ["i32"], results: [] } as const;
  const slotHost = module.declareFunction({ ...slot, results: ["i32"] });
  const decodeIt = module.declareFunction({ parameters: ["i32", "i32"], results: [] });
  const encodingOfSlot = module.declareFunction({ ...slot, results: ["i64"] });
  const decodeSlot = module.declareFunction(slot, "decodeSlot");
  module.defineFunction(slotHost, slotHostFunction(layout));
  module.defineFunction(decodeIt, decodeFunction(table));
  module.defineFunction(encodingOfSlot, encodingOfSlotFunction(slotHost));
  module.defineFunction(decodeSlot, decodeSlotFunction(layout, { slotHost, decode: decodeIt }));
  defineTraceCompiler(module, layout, encodingOfSlot);
  return module.build({ initialPages: layout.wasmPages });
}
