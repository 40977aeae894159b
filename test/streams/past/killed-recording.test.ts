// kill -9 on a process that records a real guest: what is left replays up to the last segment that was written whole.
import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { replay } from "../../../src/streams/past/recording.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { bundled } from "../../support/bundled.js";
import { demoOptions } from "../../support/demo-guest.js";
import { freshSeed, seededRandom } from "../../support/seeded-random.js";
import { withTemporaryFolder } from "../../support/temporary-folder.js";
import type { TypedRecording } from "../../support/typed-recording.js";

const MIX_ELF = fileURLToPath(new URL("../../../guests/bench/elf/mix.elf", import.meta.url));
const PATIENCE_MS = 300_000;
const KILL_WITHIN_MS = 1500;

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

const until = async (what: string, isSo: () => boolean): Promise<void> => {
  const startMs = performance.now();
  while (!isSo()) {
    if (performance.now() - startMs > PATIENCE_MS) throw new Error(`waited in vain for ${what}`);
    await sleep(5);
  }
};

const recordAndKill = async (recording: TypedRecording, path: string, afterMs: number): Promise<void> => {
  const child = spawn(process.execPath, [bundled("test/support/record-worker.ts"), path], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  child.stdin.end(JSON.stringify(recording));
  const exited = new Promise<string | null>((resolve) =>
    child.once("exit", (_code, signal) => {
      resolve(signal);
    }),
  );
  try {
    await until("the header", () => sizeOf(path) > 0);
    const header = sizeOf(path);
    await until("the first events", () => sizeOf(path) > header);
    await sleep(afterMs);
  } finally {
    child.kill("SIGKILL");
  }
  assert.is(await exited, "SIGKILL");
};

const firstSeed = freshSeed();

for (const [index, guest] of ["the embedded guest", "the embedded guest, asleep", "a computing guest"].entries()) {
  const seed = firstSeed + index;
  test(`given a recorder of ${guest} killed at a random moment (seed ${String(seed)}), then the recording replays to its last segment`, () =>
    withTemporaryFolder(async (folder) => {
      const path = join(folder, "killed.fold");
      const random = seededRandom(seed);
      const computes = guest === "a computing guest";
      const recording: TypedRecording = {
        seed,
        machine: computes ? { ...demoOptions, kernel: MIX_ELF } : demoOptions,
        steps: Array.from({ length: 500 }, () => ({ awaits: "demo> ", types: "primes 200\nstats\n", withinMs: 20 })),
        sequence: { sleep: guest.endsWith("asleep"), checkpointInsns: computes ? 5_000 : 20_000 },
      };
      await recordAndKill(recording, path, random(KILL_WITHIN_MS));
      const opened = openRecording(path);
      const { truncated, lastSeq, lastIcount } = opened.log;
      assert.ok(truncated !== undefined && lastSeq > 0);
      assert.is(opened.info.complete, false);
      assert.is(opened.info.instructions, lastIcount);
      assert.equal(replay(opened).position, { seq: lastSeq, icount: lastIcount });
    }));
}

test.run();
