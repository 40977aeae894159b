// Recordings of a guest, each replayed in a new process: the same hash at every interval, the same console, the same
// end.
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";

import { inLanes } from "../../scripts/testing/lanes.js";
import { replayInNewProcess } from "../support/replay-process.js";
import type { RunDigest } from "../support/run-digest.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";

const LANES = 2;

export interface Recorded {
  readonly firstSeed: number;
  readonly runs: number;
  /** Records the run of a seed into the file. */
  readonly record: (seed: number, path: string) => Promise<RunDigest>;
  /** State hashes in each of them. */
  readonly leastHashes: number;
}

/** The runs of so many seeds in a row, which must not be all alike. */
export const replayTheSame = async ({ firstSeed, runs, record, leastHashes }: Recorded): Promise<void> => {
  const consoles = new Set<string>();
  const seeds = Array.from({ length: runs }, (_, run) => firstSeed + run);
  await inLanes(seeds, LANES, async (seed) => {
    const digest = await replaysTheSame(`seed ${String(seed)}`, (path) => record(seed, path), leastHashes);
    consoles.add(digest.consoleSha256);
  });
  assert.ok(consoles.size > runs / 2, "the runs were too much alike");
};

/** Gives what both runs came to. */
const replaysTheSame = (
  what: string,
  recordTo: (path: string) => Promise<RunDigest>,
  leastHashes: number,
): Promise<RunDigest> =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "run.fold");
    const recorded = await recordTo(path);
    assert.ok(existsSync(path));
    assert.ok(
      recorded.hashes.length >= leastHashes,
      `${what}: ${String(recorded.hashes.length)} state hashes are too few`,
    );
    const replayed = await replayInNewProcess(path);
    for (const [index, hash] of recorded.hashes.entries()) assert.equal(replayed.hashes[index], hash, what);
    assert.equal(replayed, recorded, what);
    return recorded;
  });
