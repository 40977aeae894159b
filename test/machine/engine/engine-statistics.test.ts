import type { Bus, EngineOptions } from "../../../src/machine/engine/engine.js";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { WasmEngine } from "../../../src/machine/engine/wasm-engine.js";
import type { EngineStatistics } from "../../../src/machine/engine/engine-statistics.js";
import { guestAtReset, machineOn, moveTo } from "../../support/machines.js";

const INSNS = 300_000;

const statisticsOf = (guest: string, compileThreshold: number): { statistics: EngineStatistics; hash: bigint } => {
  const create = (bus: Bus, wanted: EngineOptions): WasmEngine =>
    new WasmEngine(bus, { ...wanted, codePages: 64, compileThreshold, regionBatch: 1 });
  const machine = machineOn({ name: "counted", create }, guestAtReset(guest, 4));
  moveTo(machine, INSNS);
  const { engine } = machine.statistics();
  assert.ok(engine);
  return { statistics: engine, hash: machine.hash() };
};

test("given compiling is off, when a guest runs, then no instruction is a region's", () => {
  const { statistics } = statisticsOf("bench/elf/fib.elf", Infinity);
  assert.is(statistics.regionInsns, 0);
  assert.is(statistics.regionRuns, 0);
  assert.is(statistics.compiled.compiled, 0);
  assert.ok(statistics.decoded > 0);
});

test("given code is compiled at once, when a guest runs, then regions retire nearly all, and each exit has a cause", () => {
  const { statistics } = statisticsOf("bench/elf/fib.elf", 1);
  assert.ok(statistics.regionInsns > 0.9 * INSNS, String(statistics.regionInsns));
  assert.ok(statistics.regionInsns <= INSNS);
  assert.ok(statistics.compiled.live > 0);
  const handed = Object.values(statistics.handedOver).reduce((sum, count) => sum + count, 0);
  assert.ok(handed + statistics.regionBudgetExits <= statistics.regionRuns);
});

test("given a guest that calls its handler, when it runs on any tier, then its traps are counted alike", () => {
  const [off, on] = [statisticsOf("bench/elf/ecall.elf", Infinity), statisticsOf("bench/elf/ecall.elf", 1)];
  assert.is(on.hash, off.hash);
  assert.equal(on.statistics.exceptions, off.statistics.exceptions);
  const ECALL_FROM_U = 8;
  assert.ok((on.statistics.exceptions[ECALL_FROM_U] ?? 0) > 10_000, JSON.stringify(on.statistics.exceptions));
});

test.run();
