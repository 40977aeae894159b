// The host's disk is full while a file is written: here by the shell's limit on a file's size, which the kernel
// enforces.
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { withTemporaryFolder } from "../support/temporary-folder.js";
import { finishing, spinning } from "../support/tiny-guests.js";
import { commandFile } from "./command-line.js";

const KIB = 16;
/** So many that what a second brings is a segment that the limit has room for, on a fast host too. */
const CHECKPOINT_INSNS = 300_000;

const foldvm = (...words: readonly string[]): string[] => [process.execPath, commandFile(), ...words];

/** With room for so many KiB in any file. */
const limited = (kib: number, words: readonly string[]): SpawnSyncReturns<string> =>
  spawnSync("bash", ["-c", `ulimit -f ${String(kib)}; exec "$@"`, "bash", ...foldvm(...words)], { encoding: "utf8" });

// Negative control: without the ftruncate in `fileSink` the file ended within a segment, at the very limit.
test("given a disk that gets full, when a machine is recorded, then the message says so, and what was recorded replays", () =>
  withTemporaryFolder((folder) => {
    const [kernel, recording] = [join(folder, "kernel"), join(folder, "run.fold")];
    writeFileSync(kernel, spinning());
    const recorded = limited(KIB, [
      ...["record", "-o", recording, "--kernel", kernel, "-m", "2M"],
      ...["--checkpoint", String(CHECKPOINT_INSNS), "--timeout", "120"],
    ]);
    assert.is(recorded.status, 73, recorded.stderr);
    assert.match(recorded.stderr, /run\.fold: file too large; what was recorded before is kept in it, make room/);
    assert.ok(statSync(recording).size < KIB * 1024, "the part of a segment is taken back");
    const [node = "", ...rest] = foldvm("verify", recording, "--quiet", "--json");
    const verified = spawnSync(node, rest, { encoding: "utf8" });
    assert.is(verified.status, 0, verified.stderr);
    const { ok, complete, stateHashes } = JSON.parse(verified.stdout) as Record<string, unknown>;
    assert.equal([ok, complete], [true, false]);
    assert.ok(Number(stateHashes) > 100);
  }));

/** A recording of a guest that powers off, with a disk of zeros. */
const recorded = (folder: string): string => {
  const [kernel, image, recording] = [join(folder, "kernel"), join(folder, "image"), join(folder, "a.fold")];
  writeFileSync(kernel, finishing(0x5555n));
  // Larger than the limit, and with something at its end: holes need no room.
  writeFileSync(image, Buffer.alloc(4 * KIB * 1024, 1));
  const words = ["record", "-o", recording, "--kernel", kernel, "-m", "2M", "--drive", image, "--seed", "full"];
  const [node = "", ...rest] = foldvm(...words);
  assert.is(spawnSync(node, rest).status, 0);
  return recording;
};

// Negative controls, tried once: red where export.ts leaves the file, where state-file.ts leaves its part, and where
// log-file.ts does not take back what it began to write.
test("given a full disk, when a state, a snapshot, a disk or a core is written, then the message names the file, and nothing half is left", () =>
  withTemporaryFolder((folder) => {
    const recording = recorded(folder);
    const before = readFileSync(recording);
    const [state, image, core] = [join(folder, "state"), join(folder, "image.out"), join(folder, "vmcore")];
    for (const [file, kib, words] of [
      [state, 1, ["replay", recording, "--save", state]],
      [recording, Math.floor(before.length / 1024) + 1, ["snapshots", recording, "--save", "x"]],
      [image, KIB, ["export-disk", recording, "-o", image]],
      [core, 1, ["core", recording, "-o", core]],
    ] as const) {
      const { status, stderr } = limited(kib, words);
      assert.is(status, 73, stderr);
      assert.match(stderr, new RegExp(`${file}.*file too large`));
      assert.not.match(stderr, "fault in foldvm");
    }
    assert.ok(readFileSync(recording).equals(before));
    assert.equal(readdirSync(folder).sort(), ["a.fold", "image", "kernel"]);
  }));

test("given a folder that can't be made, when the demonstration is to record into it, then that is no fault of foldvm's", () => {
  const [node = "", ...rest] = foldvm("demo", "--folder", "/dev/full/recordings");
  const { status, stderr } = spawnSync(node, rest, { encoding: "utf8" });
  assert.is(status, 73, stderr);
  assert.match(stderr, "/dev/full/recordings");
});

test.run();
