/** State indexes as files: where they are, whole or not at all, and bounded together. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { stateIndexAt, stateIndexesIn, stateIndexFolder } from "../../../src/streams/host/state-index-file.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { bundled } from "../../support/bundled.js";
import { goldenLog } from "../../support/indexed-recordings.js";
import { freshSeed, seededRandom } from "../../support/seeded-random.js";
import { withTemporaryFolder } from "../../support/temporary-folder.js";

const KIB = 1024;
/** It begins as an index does. */
const piece = (kib: number): Uint8Array => {
  const bytes = new Uint8Array(kib * KIB);
  bytes.set(new TextEncoder().encode("STATEIDX"));
  return bytes;
};

test("given the environment, when the folder is asked for, then it is the named one, the user's cache, or none", () => {
  assert.is(stateIndexFolder({ FOLDVM_STATE_INDEXES: "/a" }), "/a");
  assert.is(stateIndexFolder({ FOLDVM_STATE_INDEXES: "off" }), undefined);
  assert.is(stateIndexFolder({ XDG_CACHE_HOME: "/c" }), "/c/foldvm/states");
  assert.match(stateIndexFolder({ XDG_CACHE_HOME: "relative" }) ?? "", /\/\.cache\/foldvm\/states$/);
});

test("given a folder, when an index is written, then it is there by its run's identity, and can be removed", () =>
  withTemporaryFolder((folder) => {
    const files = stateIndexesIn(join(folder, "new", "states"));
    assert.is(files.open(5n), undefined);
    assert.is(files.remove(5n), false);
    files.write(5n, [piece(1), piece(2)]);
    assert.is(files.pathOf(5n), join(folder, "new", "states", "0000000000000005.states"));
    assert.ok(existsSync(files.pathOf(5n)));
    const source = files.open(5n);
    assert.is(source?.size, 3 * KIB);
    source?.close();
    assert.is(files.open(6n), undefined);
    assert.is(files.remove(5n), true);
    assert.equal(readdirSync(join(folder, "new", "states")), []);
  }));

test("given a bound, when the indexes in a folder take more together, then the longest unused go", () =>
  withTemporaryFolder((folder) => {
    const files = stateIndexesIn(folder, 30 * KIB);
    for (const [identity, hour] of [
      [1n, 1],
      [2n, 3],
      [3n, 2],
    ] as const) {
      const at = new Date(Date.UTC(2020, 0, 1, hour));
      files.write(identity, [piece(10)]);
      utimesSync(files.pathOf(identity), at, at);
    }
    // As much as there may be.
    assert.is(readdirSync(folder).length, 3);
    // Using one makes it young.
    files.open(1n)?.close();
    files.write(4n, [piece(10)]);
    assert.equal(
      readdirSync(folder)
        .map((name) => Number.parseInt(name, 16))
        .sort(),
      [1, 2, 4],
    );
    // One alone may take more.
    files.write(5n, [piece(31)]);
    assert.equal(
      readdirSync(folder).map((name) => Number.parseInt(name, 16)),
      [5],
    );
  }));

test("given parts that were left behind, when an index is written, then old ones go, and what is of others stays", () =>
  withTemporaryFolder((folder) => {
    const [old, fresh, other] = ["1.states.7.part", "2.states.8.part", "notes.part"].map((name) => join(folder, name));
    for (const path of [old, fresh, other]) writeFileSync(path ?? "", "x");
    const longAgo = new Date(Date.UTC(2020, 0, 1));
    for (const path of [old, other]) utimesSync(path ?? "", longAgo, longAgo);
    stateIndexesIn(folder).write(9n, [piece(1)]);
    assert.equal(readdirSync(folder).sort(), ["0000000000000009.states", "2.states.8.part", "notes.part"]);
  }));

test("given a place that can't be written, when an index is, then the error names the file and why", () =>
  withTemporaryFolder((folder) => {
    writeFileSync(join(folder, "file"), "");
    mkdirSync(join(folder, "folder"));
    for (const [files, message] of [
      [stateIndexesIn(join(folder, "file", "states")), /file\/states/],
      [stateIndexAt(join(folder, "folder")), /folder can't be written/],
      [stateIndexAt(join(folder, "none", "a")), /none\/a can't be written: no such file/],
      [stateIndexesIn("/proc/none"), /\/proc\/none/],
    ] as const) {
      assert.throws(
        () => files.write(1n, [piece(1)]),
        (error: unknown) => error instanceof Error && error.name === "LogError" && message.test(error.message),
      );
    }
  }));

test("given a file that is something else, when an index is to be written there or removed, then it stays as it is", () =>
  withTemporaryFolder((folder) => {
    const path = join(folder, "boot.fold");
    writeFileSync(path, readFileSync(LOG));
    const file = stateIndexAt(path);
    for (const work of [() => file.write(1n, [piece(1)]), () => file.remove(1n)])
      assert.throws(work, /boot\.fold is no state index, and stays as it is/);
    assert.ok(readFileSync(path).equals(readFileSync(LOG)));
  }));

const LOG = goldenLog("session");

const worker = (path: string): { readonly begun: Promise<unknown>; readonly kill: () => Promise<unknown> } => {
  const child = spawn(process.execPath, [bundled("test/support/index-worker.ts"), LOG, path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return {
    begun: once(child.stdout, "data"),
    kill: () => {
      child.kill("SIGKILL");
      return once(child, "close");
    },
  };
};

const seed = freshSeed();

test(`given processes that write one index again and again, when they are killed, then what is there is whole (seed ${String(seed)})`, () =>
  withTemporaryFolder(async (folder) => {
    const random = seededRandom(seed);
    const path = join(folder, "a.states");
    for (let turn = 0; turn < 3; turn += 1) {
      // Two at once.
      const workers = [worker(path), worker(path)];
      await Promise.all(workers.map(({ begun }) => begun));
      await sleep(random(100));
      for (const { kill } of workers) await kill();
      const ignored: unknown[] = [];
      const recording = openRecording(LOG, { index: path, onIndexIgnored: (fault) => ignored.push(fault) });
      assert.is(recording.index.openChecked()?.states.length, 21);
      assert.equal(ignored, []);
      recording.close();
    }
  }));

test("given a symbolic link to itself, when an index is to be written there, then the message is words", () =>
  withTemporaryFolder((folder) => {
    const path = join(folder, "loop");
    symlinkSync(path, path);
    assert.throws(() => stateIndexAt(path).write(1n, [piece(1)]), /loop can't be written: too many symbolic links/);
  }));

test.run();
