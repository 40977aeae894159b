// test-time-limit-seconds: 600
// Save and load at a thousand positions of a run under way: timers armed, queues live, bottom halves pending. Each
// state is loaded in a fresh process, its sections in an order of chance, saved again, and run to the recorded end.
//
// Negative control, tried once: loading `platform.bottomHalves` as empty (`stateFrom`) is an error, "the sections do
// not make the state that was saved"; with that check off too, the replay diverges at the next `bottomHalf/ran`.
import { fileURLToPath } from "node:url";

import { test } from "uvu";
import * as assert from "uvu/assert";

import type { MachineState } from "../../../../src/machine/state.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { loadInNewProcesses, somePositions } from "../../../support/loaded-states.js";
import { freshSeed, seededRandom } from "../../../support/seeded-random.js";

const POSITIONS = Number(process.env["FOLDVM_POSITIONS"] ?? 1000);
const STATES_A_PROCESS = 100;
const TIME_LIMIT_MS = 500_000;
const RECORDINGS = [
  { name: "virtio", expected: ["a bottom half pending", "a live queue", "a hart that waits"] },
  { name: "session", expected: ["a timer armed", "a hart that waits"] },
];

/** What makes a state hard to save. */
const kindsOf = ({ platform, harts }: MachineState): string[] => [
  ...(platform.bottomHalves.pending.length > 0 ? ["a bottom half pending"] : []),
  ...(platform.clint.mtimecmp.some((deadline) => deadline < 1n << 60n && deadline > 0n) ? ["a timer armed"] : []),
  ...(platform.virtio.some(({ queues }) => queues.some(({ ready }) => ready)) ? ["a live queue"] : []),
  ...(harts.some(({ fields }) => fields.waiting !== 0n) ? ["a hart that waits"] : []),
];

for (const { name, expected } of RECORDINGS) {
  const seed = freshSeed();
  test(`given states at ${String(POSITIONS / 2)} positions of ${name} (seed ${String(seed)}), when fresh processes load them, then each saves alike and ends as recorded`, async () => {
    const random = seededRandom(seed);
    const path = fileURLToPath(new URL(`../../../../logs/${name}.fold`, import.meta.url));
    // The nearer to the end the more, since each is run to there.
    const late = (bound: number): number => Math.max(random(bound), random(bound), random(bound));
    const positions = somePositions(openRecording(path), POSITIONS / 2, late);
    const kinds = new Set<string>();
    const loaded = await loadInNewProcesses({
      ...{ path, positions, seed, runTo: "end", statesAProcess: STATES_A_PROCESS, timeLimitMs: TIME_LIMIT_MS },
      onState: (state) => {
        for (const kind of kindsOf(state)) kinds.add(kind);
      },
    });
    assert.is(loaded.length, positions.length);
    for (const { until, isSame, hash, expected: recorded } of loaded) {
      assert.ok(isSame, `the state at ${JSON.stringify(until)} is saved as other bytes`);
      assert.is(hash, recorded, JSON.stringify(until));
    }
    for (const kind of expected) assert.ok(kinds.has(kind), kind);
  });
}

test.run();
