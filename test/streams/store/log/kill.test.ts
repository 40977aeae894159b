// kill -9 while recording: what is in the file is a recording up to its last whole segment.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { LogError } from "../../../../src/streams/store/log/index.js";
import { eventAt } from "./kill-recorder.js";
import { readAll } from "./sample-recordings.js";
import { bundled } from "../../../support/bundled.js";
import { seededRandom } from "../../../support/seeded-random.js";

/** Records in another process, kills it `afterMs` after its first segment, and gives back what it left. */
const recordAndKill = async (path: string, perSegment: number, afterMs: number): Promise<NodeJS.Signals | null> => {
  const child = spawn(
    process.execPath,
    [bundled("test/streams/store/log/kill-recorder.ts"), path, String(perSegment)],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const exited = new Promise<NodeJS.Signals | null>((resolve) =>
    child.once("exit", (_code, signal) => {
      resolve(signal);
    }),
  );
  await new Promise((resolve) => child.stdout.once("data", resolve));
  await sleep(afterMs);
  child.kill("SIGKILL");
  return exited;
};

for (let seed = 1; seed <= 5; seed++) {
  test(`given a recorder killed at a random moment (seed ${String(seed)}), then its file reads up to a whole segment`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "foldvm-log-"));
    try {
      const path = join(folder, "killed.fold");
      const random = seededRandom(seed);
      const perSegment = 1 + random(200);
      assert.is(await recordAndKill(path, perSegment, random(300)), "SIGKILL");
      const result = readAll(path);
      if (result instanceof LogError) throw result;
      const { truncated, eventCount } = result.log;
      assert.ok(truncated !== undefined && eventCount > 0, "it was killed while recording");
      assert.is(eventCount % perSegment, 0);
      assert.is(result.events.length, eventCount);
      for (const [index, event] of result.events.entries()) assert.equal(event, eventAt(index + 1));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

test.run();
