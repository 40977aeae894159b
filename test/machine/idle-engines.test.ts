// Engines go from a machine that is over to the next one of the same guest. The guest notices nothing.
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { Engine } from "../../src/machine/engine/engine.js";
import { WasmEngine } from "../../src/machine/engine/wasm-engine.js";
import { IdleEngines, MAX_IDLE_BYTES, MAX_IDLE_ENGINES, type EngineKind } from "../../src/machine/idle-engines.js";
import { Machine } from "../../src/machine/machine.js";
import type { EngineFactory } from "../../src/machine/engine/engine.js";
import type { MachineState } from "../../src/machine/state.js";
import { RamImage } from "../../src/machine/ram-image.js";
import { Ram } from "../../src/machine/ram.js";
import { RecordingBus } from "../support/engines.js";
import { openMachine } from "../../src/streams/session/machine-options.js";
import { demoOptions } from "../support/demo-guest.js";

const INSNS = 400_000;
/** At reset. */
const demoState = (): MachineState => openMachine(demoOptions).machine.state();

/** Its engines are kept, and nobody else's. */
function counting(): { readonly factory: EngineFactory; readonly made: WasmEngine[] } {
  const made: WasmEngine[] = [];
  const factory: EngineFactory = (bus, options) => {
    const engine = new WasmEngine(bus, { ...options, traceThreshold: 50, smallInsns: 1 });
    made.push(engine);
    return engine;
  };
  return { factory, made };
}

test("given a machine that was released, when the next one of its guest runs, then it has the engine, and ends in the same state", () => {
  const initial = demoState();
  const { factory, made } = counting();
  const hashes = [1, 2, 3].map(() => {
    const machine = new Machine(initial, { engine: factory });
    machine.run(INSNS);
    const hash = machine.hash();
    machine.release();
    return hash;
  });
  assert.is(made.length, 1);
  assert.equal(new Set(hashes).size, 1);
  const other = new Machine(initial, { engine: (bus, options) => new WasmEngine(bus, options) });
  other.run(INSNS);
  assert.is(hashes[0], other.hash());
});

test("given the next machine of an engine, then it counts anew, and finds code compiled", () => {
  const { factory } = counting();
  const counts = [1, 2].map(() => {
    const machine = new Machine(demoState(), { engine: factory });
    machine.run(INSNS);
    const { engine } = machine.statistics();
    machine.release();
    return engine;
  });
  const [first, second] = counts;
  assert.ok((first?.compiled.compiled ?? 0) >= 3);
  assert.ok((second?.compiled.compiled ?? Infinity) < (first?.compiled.compiled ?? 0));
  assert.ok((second?.compiled.live ?? 0) > (first?.compiled.compiled ?? Infinity));
  assert.ok((second?.slowLoads ?? Infinity) < 1.5 * (first?.slowLoads ?? 0));
  assert.is(second?.interpreterMs, 0);
});

test("given a machine that was released, when it is asked for anything, then it says so; its states stay", () => {
  const machine = new Machine(demoState(), { engine: counting().factory });
  machine.run(1000);
  const state = machine.state();
  machine.release();
  for (const ask of [
    () => machine.run(2000),
    () => machine.state(),
    () => machine.hash(),
    () => machine.pc,
    () => machine.position,
    () => machine.present.harts,
    () => {
      machine.load(state);
    },
    () => {
      machine.apply({ type: "machine/reset", cause: "guest-reset" });
    },
  ]) {
    assert.throws(ask, /this machine was released/);
  }
  assert.is(state.position.icount, 1000);
  machine.release();
});

test("given two machines of a guest at once, then each has an engine; of another guest or kind, nobody gets them", () => {
  const { factory, made } = counting();
  const [a, b] = [1, 2].map(() => new Machine(demoState(), { engine: factory }));
  for (const machine of [a, b]) machine?.run(INSNS);
  for (const machine of [a, b]) machine?.release();
  assert.is(made.length, 2);
  const probed = new Machine(demoState(), { engine: factory, probed: () => undefined });
  assert.is(made.length, 3);
  probed.run(INSNS);
  probed.release();
  const again = [1, 2].map(() => new Machine(demoState(), { engine: factory }));
  assert.is(made.length, 3);
  for (const machine of again) machine.release();
});

test("given a machine that is released in the middle of a run, or after a listener threw there, then nobody gets its engine", () => {
  const { factory, made } = counting();
  const faults = [
    (machine: Machine): void => {
      machine.release();
    },
    (): void => {
      throw new Error("no luck");
    },
  ];
  for (const fault of faults) {
    const machine = new Machine(demoState(), { engine: factory });
    machine.listen((effect) => {
      if (effect.type === "console/transmitted") fault(machine);
    });
    assert.throws(() => machine.run(INSNS));
    machine.release();
  }
  new Machine(demoState(), { engine: factory }).release();
  assert.is(made.length, faults.length + 1);
});

const RAM_BYTES = 1 << 20;
const kindOf = (ramBytes: number): EngineKind => ({
  factory: () => {
    throw new Error("it is not asked for one");
  },
  ...{ ramBytes, harts: 1, isProbed: false },
});

test("given more engines than may wait, or more memory, then those that waited longest go", () => {
  const idle = new IdleEngines();
  const image = new RamImage(new WasmEngine(new RecordingBus(), { ramBytes: RAM_BYTES }));
  for (let count = 0; count <= MAX_IDLE_ENGINES; count += 1) idle.takeBack(kindOf(RAM_BYTES), image);
  assert.is(idle.count, MAX_IDLE_ENGINES);
  idle.takeBack(kindOf(MAX_IDLE_BYTES - RAM_BYTES), image);
  assert.is(idle.count, 2);
  idle.takeBack(kindOf(MAX_IDLE_BYTES), image);
  assert.is(idle.count, 1);
  idle.takeBack(kindOf(MAX_IDLE_BYTES + RAM_BYTES), image);
  assert.is(idle.count, 0);
});

test("given an engine that has none of a guest's code, then it waits for another", () => {
  const { factory, made } = counting();
  const kind: EngineKind = { factory, ramBytes: RAM_BYTES, harts: 1, isProbed: false };
  const idle = new IdleEngines();
  const lend = (): Engine => idle.lend(kind, new RecordingBus(), { ramBytes: RAM_BYTES }, Ram.zeros(256)).engine;
  idle.takeBack(kind, new RamImage(lend()));
  lend();
  assert.is(made.length, 2);
});

test.run();
