// Debian under a random load of its devices, or of all of its harts, in a size that fits a test: `npm run soak` has the
// long one. Seen red: with a turn that is one instruction longer in the process that replays (it diverges at the first
// hash), or in the one that loads (the states are saved as other bytes).
// test-time-limit-seconds: 1500
import { test } from "uvu";
import * as assert from "uvu/assert";

import { deviceLoad } from "../../scripts/soak/device-load.js";
import { hartLoad } from "../../scripts/soak/hart-load.js";
import { differences, soak } from "../../scripts/soak/soak.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { requiresDebian } from "../support/debian.js";
import { consoleTextOf } from "./console-text.js";
import { freshSeed } from "../support/seeded-random.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";

const NAME = "Debian under load replays the same";
/** A shell is there after 3.4 G: loading ext4 and checking its signature takes a third of it. */
const INSNS = 4_000_000_000;
/** The script does ten. */
const REPLAYS = 3;
const TIME_LIMIT_MS = 1_100_000;
/** The script does ten replays and 200 states of each, and replays on all settings of the engine. */
const HARTS = [
  { harts: 2, replays: 1, states: 0 },
  { harts: 4, replays: 2, states: 20 },
  { harts: 8, replays: 1, states: 0 },
];

const images = await requiresDebian(NAME);
const seed = freshSeed();
const quietly = { timeLimitMs: TIME_LIMIT_MS, report: () => undefined, settings: [] };

if (images !== undefined) {
  test(`given disk and network under a random load (seed ${String(seed)}), then ${String(REPLAYS)} replays have the same hashes`, () =>
    withTemporaryFolder(async (folder) => {
      const load = await deviceLoad({ images, harts: 1, seed, insns: INSNS, folder, diskBytes: 32 << 20 });
      const result = await soak({ ...quietly, load, seed, replays: REPLAYS, states: 0, folder });
      assert.is(result.replayed.length, REPLAYS);
      assert.equal(differences(result), []);
      const types = new Map<string, number>();
      for (const { event } of openRecording(result.path).log.events({ fromSeq: 1 }))
        types.set(event.type, (types.get(event.type) ?? 0) + 1);
      assert.is(result.recorded.end[1], INSNS, "the disk could not be mounted, and the guest switched itself off");
      assert.ok((types.get("virtioNet/frameReceived") ?? 0) > 200, "there was little network in it");
      assert.ok((types.get("virtioBlk/requestCompleted") ?? 0) > 100, "there was little disk in it");
    }));

  for (const { harts, replays, states } of HARTS) {
    test(`given ${String(harts)} harts at work at once (seed ${String(seed)}), then replays and loaded states have the same hashes`, () =>
      withTemporaryFolder(async (folder) => {
        const load = hartLoad({ images, harts, seed, rounds: 1 });
        const result = await soak({ ...quietly, load, seed, replays, states, folder });
        assert.is(result.replayed.length, replays);
        assert.is(result.loaded.length, states);
        assert.equal(differences(result), []);
        const recording = openRecording(result.path);
        assert.is(recording.info.cause, "guest-shutdown");
        const console = await consoleTextOf(result.path);
        const interrupts = /IPI1: +(\d+(?: +\d+)*) +Function call interrupts/.exec(console)?.[1]?.split(/ +/);
        assert.is(interrupts?.length, harts, console);
        for (const count of interrupts ?? []) assert.ok(Number(count) > 0, "a hart was never interrupted by another");
        const { retired } = recording.at().schedule;
        for (const [hart, insns] of retired.entries())
          assert.ok(insns > result.recorded.end[1] / (32 * harts), `hart ${String(hart)} did little`);
      }));
  }
}

test.run();
