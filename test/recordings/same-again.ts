// One recording of a guest, replayed in a new process: the same hash at every interval, the same console, the same end.
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";

import { replayInNewProcess } from "../support/replay-process.js";
import type { RunDigest } from "../support/run-digest.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";

/** `recordTo` records into the file; gives what both runs came to. */
export const replaysTheSame = (
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
