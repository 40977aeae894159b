// gdb opens a core of a bare-metal guest at any moment, and finds there what the state has.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { DRAM_BASE } from "../../../../src/machine/memory-map.js";
import type { MachineState } from "../../../../src/machine/state.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { toCore } from "../../../../src/streams/past/core/to-core.js";
import { joined } from "../../../support/core-file.js";
import { DEMO_ELF } from "../../../support/demo-guest.js";
import { hartsAtReset, HARTS_ELF } from "../../../support/harts-guest.js";
import { Machine } from "../../../../src/machine/machine.js";
import { requires } from "../../../support/requires.js";
import { freshSeed, seededRandom } from "../../../support/seeded-random.js";
import { withTemporaryFolder } from "../../../support/temporary-folder.js";

const gdb = (folder: string, elf: string, state: MachineState, commands: readonly string[]): string => {
  const path = join(folder, "core");
  writeFileSync(path, joined(toCore(state)));
  const words = commands.flatMap((command) => ["-ex", command]);
  return execFileSync("gdb-multiarch", ["-nx", "-batch", elf, path, "-ex", "set width 0", ...words], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
};

const values = (text: string): bigint[] =>
  [...text.matchAll(/^\$\d+ = (0x[0-9a-f]+)$/gm)].map(([, hex = ""]) => BigInt(hex));
const MOMENT = 40_000;
const NAMES = ["zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5"];

if (requires("gdb opens a core", ["gdb-multiarch"])) {
  const seed = freshSeed();

  test(`given 20 moments of a recording (seed ${String(seed)}), when gdb opens a core of each, then registers and memory are the state's`, () =>
    withTemporaryFolder((folder) => {
      const random = seededRandom(seed);
      const recording = openRecording("logs/session.fold");
      for (let round = 0; round < 20; round += 1) {
        const state = recording.at(random(recording.info.instructions + 1));
        const hart = state.harts[0];
        const offset = random(state.ram.byteLength / 8) * 8;
        const address = `0x${(DRAM_BASE + offset).toString(16)}`;
        const asked = ["pc", ...NAMES.slice(1)].map((name) => `p/x (unsigned long)$${name}`);
        const told = gdb(folder, DEMO_ELF, state, [...asked, `p/x *(unsigned long *)${address}`, "info threads"]);
        const word = new DataView(state.ram.read(offset, 8).buffer).getBigUint64(0, true);
        assert.equal(values(told), [hart?.fields.pc, ...(hart?.x.slice(1, 16) ?? []), word], told);
        assert.match(told, /^\* 1 /m);
      }
      recording.close();
    }));

  test("given two harts, then gdb has a thread for each, and unwinds its stack by the program's own names", () =>
    withTemporaryFolder((folder) => {
      const machine = new Machine(hartsAtReset("lock-amo", 2));
      for (let stop = machine.run(MOMENT); stop === "due"; stop = machine.run(MOMENT)) {
        const due = machine.due();
        if (due !== undefined) machine.apply(due);
      }
      const state = machine.state();
      const told = gdb(folder, HARTS_ELF, state, [
        ...["info threads", "thread 1", "p/x $pc", "bt", "thread 2", "p/x $pc", "bt"],
      ]);
      assert.equal(
        values(told),
        state.harts.map(({ fields }) => fields.pc),
        told,
      );
      assert.match(told, /^#1 +finish \(code=code@entry=0\)[^]*^#1 +harts_meet \(\)/m, told);
    }));
}

test.run();
