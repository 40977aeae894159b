/** Code that comes and goes: what was compiled goes with it, and new code on old pages is compiled as ever. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { WasmEngine } from "../../../src/machine/engine/wasm-engine.js";
import type { EngineFactory } from "../../../src/machine/engine/engine.js";
import { guestAtReset, machineOn, moveTo } from "../../support/machines.js";

const CODE_PAGES = 8;
/** One visit of a page, as guests/bench/programs/churn.c has it. */
const VISIT_INSNS = 405_000;
/** More than would be compiled if a page that was often dropped stayed with the interpreter for ever. */
const VISITS = 400;

// Seen red: without the forgiveness in HotCode.drop, compiling stops at 121 regions.
test("given a guest that loads and drops code, when it ran long, then few regions live, and the latest code is compiled", () => {
  const create: EngineFactory = (bus, wanted) =>
    new WasmEngine(bus, { ...wanted, codePages: CODE_PAGES, compileThreshold: 200, regionBatch: 1 });
  const machine = machineOn({ name: "churned", create }, guestAtReset("bench/elf/churn.elf", 32));
  const regionsAt = (visits: number) => {
    moveTo(machine, visits * VISIT_INSNS);
    const regions = machine.statistics().engine?.compiled;
    assert.ok(regions);
    return regions;
  };
  const half = regionsAt(VISITS / 2);
  const whole = regionsAt(VISITS);
  assert.ok(whole.compiled - half.compiled > VISITS / 4, `${String(half.compiled)}, then ${String(whole.compiled)}`);
  assert.ok(whole.live <= 2 * CODE_PAGES, String(whole.live));
  assert.is(whole.live, whole.compiled - whole.dropped + whole.restored);
});

// Seen red: without clearing the free ids in InstalledCode.startAnew, two regions get one id, and other code runs.
test("given more modules than may be, when all are dropped, then no module is beyond the limit and the guest runs as before", () => {
  const MODULES = 3;
  const INSNS = 4_000_000;
  const ends = [{ compileThreshold: Infinity }, { compileThreshold: 50, regionBatch: 4, regionModules: MODULES }].map(
    (options) => {
      const create: EngineFactory = (bus, wanted) => new WasmEngine(bus, { ...wanted, ...options });
      const machine = machineOn({ name: "few modules", create }, guestAtReset("bench/elf/mix.elf", 32));
      let live = 0;
      for (let at = 100_000; at <= INSNS; at += 100_000) {
        moveTo(machine, at);
        live = Math.max(live, machine.statistics().engine?.compiled.modulesLive ?? 0);
      }
      return { hash: machine.hash(), live, compiled: machine.statistics().engine?.compiled.modulesCompiled ?? 0 };
    },
  );
  const [interpreted, compiled] = ends;
  assert.ok(compiled !== undefined && compiled.compiled > 3 * MODULES, String(compiled?.compiled));
  assert.ok(compiled.live <= MODULES, String(compiled.live));
  assert.is(compiled.hash, interpreted?.hash);
});

test.run();
