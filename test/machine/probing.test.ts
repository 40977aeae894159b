/** Several who are told what one machine's guest does: each what it asked for, and no more. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { Probed, Probes } from "../../src/machine/engine/probes.js";
import { Probing } from "../../src/machine/probing.js";

const REACHED: Probed = { type: "instruction/reached", address: 0x8000_1000 };
const TRAP: Probed = { type: "trap/taken", cause: 3n, trapValue: 0n };
const CSR: Probed = { type: "csr/written", csr: 0x180, value: 1n, mask: 1n };
const STORED: Probed = { type: "memory/stored", address: 0x8000_2004, bytes: 4, value: 1n, before: 0n, by: "hart" };
const DEVICE: Probed = { type: "device/stored", address: 0x1000_0000n, bytes: 1, value: 65n };
const ALL = [REACHED, TRAP, CSR, STORED, DEVICE];

test("given watchers who ask for different things, then each is told its own, and the engine is asked for all", () => {
  const probing = new Probing();
  let asked: Probes = {};
  const machine = { watch: (probes: Probes) => (asked = probes), pc: 0x8000_1000n, codeAt: () => 0x13 };
  const wanted: readonly (readonly [Probes, readonly Probed[]])[] = [
    [{ arrivals: [0x8000_1000] }, [REACHED]],
    [{ traps: true, csrWrites: [0x300] }, [TRAP]],
    [{ csrWrites: true, arrivals: [0x8000_2000] }, [CSR]],
    [{ stores: [{ address: 0x8000_2007, bytes: 1 }] }, [STORED]],
    [{ devices: [{ address: 0x1000_0000, bytes: 8 }] }, [DEVICE]],
    [{ encodings: (raw) => raw === 0x13 }, [REACHED]],
    [{ encodings: (raw) => raw === 0x73 }, []],
    [{}, []],
  ];
  const told: Probed[][] = wanted.map(() => []);
  const watchers = wanted.map(([probes], index) => {
    const watcher = probing.watcher(machine, (_icount, probed) => told[index]?.push(probed));
    watcher.watch(probes);
    return watcher;
  });
  for (const probed of ALL) probing.told(1, probed);
  assert.equal(
    told,
    wanted.map(([, own]) => own),
  );
  assert.equal(asked.arrivals, [0x8000_1000, 0x8000_2000]);
  assert.is(asked.traps, true);
  assert.is(asked.csrWrites, true);
  for (const watcher of watchers.slice(1)) watcher.leave();
  assert.equal(asked, { arrivals: [0x8000_1000] });
  for (const probed of ALL) probing.told(2, probed);
  assert.equal(told[0], [REACHED, REACHED]);
  assert.equal(told[1], [TRAP]);
});

test.run();
