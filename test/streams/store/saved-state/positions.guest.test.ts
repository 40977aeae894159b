// test-time-limit-seconds: 600
// Save and load at a thousand positions of a run under way: timers armed, queues live, bottom halves pending. Each
// state is loaded in a fresh process, its sections in an order of chance, saved again, and run to the recorded end.
//
// Negative control, tried once: loading `platform.bottomHalves` as empty (`stateFrom`) is an error, "the sections do
// not make the state that was saved"; with that check off too, the replay diverges at the next `bottomHalf/ran`.
import { execFile } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { test } from "uvu";
import * as assert from "uvu/assert";

import type { MachineState } from "../../../../src/machine/state.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { saveState } from "../../../../src/streams/store/saved-state/index.js";
import type { Until } from "../../../../src/streams/past/until.js";
import { freshSeed, seededRandom } from "../../../support/seeded-random.js";

const POSITIONS = Number(process.env["FOLDVM_POSITIONS"] ?? 1000);
const PROCESSES = 2;
const TIME_LIMIT_MS = 500_000;
const RECORDINGS = [
  { name: "virtio", expected: ["a bottom half pending", "a live queue", "a hart that waits"] },
  { name: "session", expected: ["a timer armed", "a hart that waits"] },
];
const WORKER = fileURLToPath(new URL("positions-worker.ts", import.meta.url));

type Entry = readonly [number: number, offset: number, length: number];

/** What makes a state hard to save. */
const kindsOf = ({ platform, harts }: MachineState): string[] => [
  ...(platform.bottomHalves.pending.length > 0 ? ["a bottom half pending"] : []),
  ...(platform.clint.mtimecmp.some((deadline) => deadline < 1n << 60n && deadline > 0n) ? ["a timer armed"] : []),
  ...(platform.virtio.some(({ queues }) => queues.some(({ ready }) => ready)) ? ["a live queue"] : []),
  ...(harts.some(({ fields }) => fields.waiting !== 0n) ? ["a hart that waits"] : []),
];

const run = promisify(execFile);

for (const { name, expected } of RECORDINGS) {
  const seed = freshSeed();
  test(`given states at ${String(POSITIONS / 2)} positions of ${name} (seed ${String(seed)}), when fresh processes load them, then each saves alike and ends as recorded`, async () => {
    const random = seededRandom(seed);
    const path = fileURLToPath(new URL(`../../../../logs/${name}.fold`, import.meta.url));
    const recording = openRecording(path);
    const folder = mkdtempSync(join(tmpdir(), "foldvm-positions-"));
    try {
      const file = join(folder, "states");
      const states = openSync(file, "w");
      const { lastIcount } = recording.log;
      const entries: Entry[] = [];
      const kinds = new Set<string>();
      let offset = 0;
      const events = [...recording.log.events()];
      // The nearer to the end the more, since each is run to there.
      const late = (bound: number): number => Math.max(random(bound), random(bound), random(bound));
      // A third right after an event, a third right before one, a third anywhere.
      const wanted = Array.from({ length: POSITIONS / 2 }, (_, number): Exclude<Until, number> => {
        const { seq = 1, icount = 0 } = events[late(events.length - 1)] ?? {};
        if (number % 3 === 0) return { seq };
        return number % 3 === 1 ? { seq: seq - 1, icount } : { icount: late(lastIcount) };
      });
      // In order, so that each is near the one before.
      const place = ({ seq = Infinity, icount = Infinity }: { seq?: number; icount?: number }): number =>
        Math.min(icount, events[seq - 1]?.icount ?? Infinity);
      wanted.sort((a, b) => place(a) - place(b));
      for (const [number, until] of wanted.entries()) {
        const state = recording.at(until);
        for (const kind of kindsOf(state)) kinds.add(kind);
        const bytes = saveState(state);
        writeSync(states, bytes);
        entries.push([number, offset, bytes.length]);
        offset += bytes.length;
      }
      closeSync(states);
      const lines = await Promise.all(
        Array.from({ length: PROCESSES }, async (_, lane) => {
          const mine = entries.filter(([number]) => number % PROCESSES === lane);
          const args = ["--import", "tsx", WORKER, path, file, JSON.stringify(mine), String(seed + lane)];
          const { stdout } = await run(process.execPath, args, { timeout: TIME_LIMIT_MS, maxBuffer: 1 << 26 });
          return stdout.trim().split("\n");
        }),
      );
      const results = lines.flat().map((line) => JSON.parse(line) as { number: number; isSame: boolean; hash: string });
      assert.is(results.length, entries.length);
      for (const { number, isSame, hash } of results) {
        assert.ok(isSame, `state ${String(number)} is saved as other bytes`);
        assert.is(hash.padStart(16, "0"), recording.info.stateHash, JSON.stringify(wanted[number]));
      }
      for (const kind of expected) assert.ok(kinds.has(kind), kind);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

test.run();
