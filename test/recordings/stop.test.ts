// Stopping and going on: at every event, for any time, with a reader that looks at all there is; nothing changes.
import { fileURLToPath } from "node:url";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { canonicalBytes } from "../../src/machine/canonical.js";
import { RAM_PAGE_BYTES } from "../../src/machine/ram.js";
import type { Machine } from "../../src/machine/machine.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { replay } from "../../src/streams/past/replayer.js";
import { seededRandom } from "../support/seeded-random.js";

const golden = (name: string) => openRecording(fileURLToPath(new URL(`../../logs/${name}.fold`, import.meta.url)));
const REPEATS = 8;
const MAX_PAUSE_MS = 3;
const SEED = Number(process.env["FOLDVM_SEED"] ?? 77);

/** Everything readable; the digest of what was seen. */
const lookAt = (machine: Machine): string => {
  const { ram, rom: _rom, ...rest } = machine.state();
  for (let at = 0; at < ram.byteLength; at += 64 * RAM_PAGE_BYTES) ram.read(at, RAM_PAGE_BYTES);
  const looks = [machine.due(), machine.deadlineNs, machine.virtualNs, machine.isIdle, machine.outstandingEffects];
  return Buffer.from(canonicalBytes({ rest, looks, digest: ram.digest })).toString("hex") + machine.hash().toString(16);
};

// Negative control, tried once: red if looking counts, by a `state()` that mixes its own call into the history.
for (const name of ["virtio", "session"]) {
  test(`given ${name}, when its replay stops at every event for a random time and everything is read, then it ends as recorded`, async () => {
    const random = seededRandom(SEED);
    const recording = golden(name);
    const machine = recording.openMachine();
    for (let seq = 1; seq <= recording.info.events; seq += 1) {
      replay(machine, recording.log, { seq });
      const seen = lookAt(machine);
      if (random(4) === 0) await new Promise((resolve) => setTimeout(resolve, random(MAX_PAUSE_MS)));
      assert.is(lookAt(machine), seen, `seed ${String(SEED)}, seq ${String(seq)}`);
    }
    replay(machine, recording.log);
    assert.is(machine.hash().toString(16).padStart(16, "0"), recording.info.stateHash);
  });
}

test("given the place of an interrupt, when a replay stops there eight times, then it is the same state each time, before the trap", () => {
  const recording = golden("session");
  const machine = recording.openMachine();
  const reset = machine.state();
  const timers = [...recording.log.events()].filter(({ event }) => event.type === "clint/timerFired");
  for (const { seq, icount } of timers.slice(0, 5)) {
    const states = new Set<string>();
    for (let repeat = 0; repeat < REPEATS; repeat += 1) {
      machine.load(reset);
      replay(machine, recording.log, { seq: seq - 1, icount });
      assert.equal(machine.position, { seq: seq - 1, icount });
      states.add(lookAt(machine));
      replay(machine, recording.log, { seq });
      assert.equal(machine.position, { seq, icount });
    }
    assert.is(states.size, 1);
  }
});

test.run();
