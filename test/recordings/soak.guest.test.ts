// Debian with disk and network under a random load, in a size that fits a test: `npm run soak` has the long one.
// test-time-limit-seconds: 1500
import { test } from "uvu";
import * as assert from "uvu/assert";

import { soak } from "../../scripts/soak/soak.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { requiresDebian } from "../support/debian.js";
import { freshSeed } from "../support/seeded-random.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";

const NAME = "Debian under load replays the same";
/** A shell is there after 3.4 G: loading ext4 and checking its signature takes a third of it. */
const INSNS = 4_000_000_000;
/** The script does ten. */
const REPLAYS = 3;

const images = await requiresDebian(NAME);
const seed = freshSeed();

if (images !== undefined) {
  test(`given disk and network under a random load (seed ${String(seed)}), then ${String(REPLAYS)} replays have the same hashes`, () =>
    withTemporaryFolder(async (folder) => {
      const options = { images, seed, insns: INSNS, replays: REPLAYS, folder, diskBytes: 32 << 20 };
      const { path, recorded, replayed } = await soak({ ...options, report: () => undefined });
      assert.is(replayed.length, REPLAYS);
      for (const digest of replayed) assert.equal(digest, recorded);
      const types = new Map<string, number>();
      for (const { event } of openRecording(path).log.events({ fromSeq: 1 }))
        types.set(event.type, (types.get(event.type) ?? 0) + 1);
      assert.is(recorded.end[1], INSNS, "the disk could not be mounted, and the guest switched itself off");
      assert.ok((types.get("virtioNet/frameReceived") ?? 0) > 200, "there was little network in it");
      assert.ok((types.get("virtioBlk/requestCompleted") ?? 0) > 100, "there was little disk in it");
    }));
}

test.run();
