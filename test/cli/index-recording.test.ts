/** `foldvm index` and `foldvm record --index`: what they say, and that nothing depends on it. */
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { openRecording } from "../../src/streams/session/open-recording.js";
import { goldenLog } from "../support/indexed-recordings.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { commandFile, DEMO, foldvm, testStdio } from "./command-line.js";

const LOG = goldenLog("race-fails");
const QUERY = ["query", LOG, "writes", "link", "--last", "--json"];

/** In a process of its own, whose indexes are in that folder, and with room for so many KiB in any file. */
const inProcess = (states: string, words: readonly string[], kib?: number): SpawnSyncReturns<string> =>
  spawnSync(
    "bash",
    [
      "-c",
      `${kib === undefined ? "" : `ulimit -f ${String(kib)}; `}exec "$@"`,
      "bash",
      ...[process.execPath, commandFile(), ...words],
    ],
    { encoding: "utf8", env: { ...process.env, FOLDVM_STATE_INDEXES: states } },
  );

test("given a recording, when it is indexed, then the command says what it kept, and the next time that it is there", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.states");
    const words = ["index", LOG, "--index", path];
    const made = await foldvm(words);
    assert.equal([made.code, made.stderr], [0, ""]);
    assert.match(made.stdout, /^kept \d states, [\d.,]+ k?[Bb]\w*.* of .*race-fails\.fold in .*a\.states: /);
    const again = await foldvm(words);
    assert.match(again.stdout, /are in .*a\.states already; --force makes them anew/);
    const json = JSON.parse((await foldvm([...words, "--force", "--json"])).stdout) as Record<string, unknown>;
    assert.equal(Object.keys(json), ["path", "isNew", "states", "bytes"]);
    assert.equal([json["path"], json["isNew"], json["bytes"]], [path, true, statSync(path).size]);
    assert.match((await foldvm([...words, "--remove"])).stdout, `removed ${path}`);
    assert.match((await foldvm([...words, "--remove"])).stdout, "there are none");
    assert.not(existsSync(path));
  }));

test("given an index, whole or damaged, when the recording is asked, then the answer is the same, and damage gets one line", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.states");
    const { stdout: expected } = await foldvm([...QUERY, "--index", "off"]);
    assert.ok(expected.length > 10);
    await foldvm(["index", LOG, "--index", path, "--quiet"]);
    assert.equal(await foldvm([...QUERY, "--index", path]), { code: 0, stdout: expected, stderr: "" });
    writeFileSync(path, readFileSync(path).subarray(0, -1));
    const { code, stdout, stderr } = await foldvm([...QUERY, "--index", path]);
    assert.equal([code, stdout], [0, expected]);
    assert.match(
      stderr,
      /^foldvm: the states in .*a\.states are not used: it has .* make them anew with foldvm index .*\n$/,
    );
    assert.is(stderr.split("\n").length, 2);
    await foldvm(["index", LOG, "--index", path, "--quiet"]);
    assert.is((await foldvm([...QUERY, "--index", path])).stderr, "");
  }));

test("given an index that is not there, when it was named, then that is told, and the answer is the same", () =>
  withTemporaryFolder(async (folder) => {
    const { stdout: expected } = await foldvm([...QUERY, "--index", "off"]);
    const { code, stdout, stderr } = await foldvm([...QUERY, "--index", join(folder, "no.states")]);
    assert.equal([code, stdout], [0, expected]);
    assert.match(
      stderr,
      /^foldvm: the states in .*no\.states are not used: there is no such file; make them anew with .*\n$/,
    );
  }));

test("given a small size, when a recording is indexed, then the file is within it, and a wrong size is refused", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.states");
    assert.is((await foldvm(["index", LOG, "--index", path, "--size", "8K"])).code, 0);
    assert.ok(statSync(path).size <= 8192);
    for (const size of ["much", "", "-1", "1T"])
      assert.is((await foldvm(["index", LOG, "--size", size])).code, 2, size);
  }));

test("given Ctrl-C, when a recording is being indexed, then the command ends by the signal's code, and leaves nothing", () =>
  withTemporaryFolder(async (folder) => {
    const stdio = testStdio();
    const running = foldvm(["index", LOG, "--index", join(folder, "a.states")], stdio);
    setImmediate(() => {
      stdio.signal("SIGINT");
    });
    assert.is((await running).code, 130);
    assert.equal(readdirSync(folder), []);
  }));

test("given a recording that is made with --index, when it is opened, then it has states, its last one too", () =>
  withTemporaryFolder((folder) => {
    const [states, recording] = [join(folder, "states"), join(folder, "a.fold")];
    const words = ["record", "--index", "-o", recording, ...DEMO, "--append", "uptime; poweroff"];
    const made = inProcess(states, words);
    assert.is(made.status, 0, made.stderr);
    assert.match(made.stderr, /kept \d+ states?, .* in .*\.states/);
    const [name = ""] = readdirSync(states);
    const opened = openRecording(recording, { index: join(states, name) });
    assert.is(opened.index.openChecked()?.states.at(-1)?.position.icount, opened.info.instructions);
  }));

test("given a folder that can't be made, when a recording is made with --index, then it is whole, and a line says so", () =>
  withTemporaryFolder((folder) => {
    const recording = join(folder, "a.fold");
    const words = ["record", "--index", "-o", recording, ...DEMO, "--append", "poweroff"];
    const { status, stderr } = inProcess("/proc/none/states", words);
    assert.is(status, 0, stderr);
    assert.match(stderr, /no states are kept: .*\/proc\/none/);
    assert.is(openRecording(recording).info.complete, true);
    assert.match(inProcess("off", words.with(3, join(folder, "b.fold"))).stderr, /no states are kept: .*switched off/);
  }));

test("given a full disk, when a recording is indexed, then the message names the file, nothing half is left, and queries go on", () =>
  withTemporaryFolder((folder) => {
    const states = join(folder, "states");
    const { status, stderr } = inProcess(states, ["index", LOG], 4);
    assert.is(status, 73, stderr);
    assert.match(stderr, /\.states can't be written: file too large/);
    assert.equal(readdirSync(states), []);
    const asked = inProcess(states, QUERY);
    assert.equal([asked.status, asked.stderr], [0, ""]);
  }));

test("given standard output as the place of a recording, when --index is given, then it is refused", async () => {
  const { code, stderr } = await foldvm(["record", "--index", "-o", "-", ...DEMO]);
  assert.is(code, 2);
  assert.match(stderr, /--index: states are kept of a recording in a file/);
});

test.run();
