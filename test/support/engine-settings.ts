/** Settings of the engine that must make no difference: what is compiled when, and caches that go at random. */
import { WasmEngine, type WasmEngineOptions } from "../../src/machine/engine/wasm-engine.js";
import { Machine } from "../../src/machine/machine.js";
import type { EngineFactory } from "../../src/machine/engine/engine.js";
import type { MachineBuilder } from "../../src/streams/past/recording.js";
import { FlushedMachine } from "./flushed-machine.js";
import type { Random } from "./seeded-random.js";

export interface EngineSetting {
  readonly name: string;
  readonly options: Omit<WasmEngineOptions, "ramBytes">;
  /** Pieces between two flushes; absent: the caches are kept. */
  readonly flushedWithinInsns?: number;
  /** What compiles everything takes long: the part of a run that is enough. */
  readonly share?: number;
}

export const ENGINE_SETTINGS: readonly EngineSetting[] = [
  { name: "regions off", options: { compileThreshold: Infinity } },
  { name: "the default", options: {} },
  { name: "compiled early, 128 code pages", options: { compileThreshold: 200, regionBatch: 4, codePages: 128 } },
  { name: "compiled at once, each by itself", options: { compileThreshold: 1, regionBatch: 1 }, share: 1 / 8 },
  { name: "regions off, flushed", options: { compileThreshold: Infinity }, flushedWithinInsns: 400_000 },
  { name: "the default, flushed", options: {}, flushedWithinInsns: 400_000 },
  {
    name: "compiled early, flushed",
    options: { compileThreshold: 200, regionBatch: 4, codePages: 128 },
    flushedWithinInsns: 400_000,
    share: 1 / 2,
  },
];

/** For `Recording.openMachine`. */
export const machineOn =
  ({ options, flushedWithinInsns }: EngineSetting, random: Random): MachineBuilder =>
  (initial, wanted) => {
    const engine: EngineFactory = (bus, ofMachine) => new WasmEngine(bus, { ...ofMachine, ...options });
    return flushedWithinInsns === undefined
      ? new Machine(initial, { ...wanted, engine })
      : FlushedMachine.open(initial, { ...wanted, engine }, random, flushedWithinInsns);
  };
