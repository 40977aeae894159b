// Cores on the command line: a moment becomes a file, none is overwritten unasked, and a signal leaves nothing behind.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { readCore } from "../support/core-file.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { foldvm } from "./command-line.js";
import { signalled, withLongRecording } from "./long-recording.js";

const SESSION = "logs/session.fold";

test("given a recording, when a core of a moment is written, then it has the registers of that moment, and the command says whom it is for", () =>
  withTemporaryFolder(async (folder) => {
    const output = join(folder, "vmcore");
    const { code, stdout, stderr } = await foldvm(["core", SESSION, "--at", "100_000", "-o", output]);
    assert.equal([code, stdout], [0, ""], stderr);
    assert.match(stderr, /instruction 100,000, event \d+: .*vmcore, .*; for gdb: no Linux kernel is up in it/);
    const pc = openRecording(SESSION).at(100_000).harts[0]?.fields.pc;
    assert.is(readCore(new Uint8Array(readFileSync(output))).notes[0]?.descriptor.getBigUint64(112, true), pc);
  }));

test("given a file that is there, then it is kept, and written over with --force", () =>
  withTemporaryFolder(async (folder) => {
    const output = join(folder, "vmcore");
    writeFileSync(output, "mine");
    const { code, stderr } = await foldvm(["core", SESSION, "-o", output]);
    assert.is(code, 73);
    assert.match(stderr, /vmcore exists already.*--force/);
    assert.is(readFileSync(output, "utf8"), "mine");
    assert.is((await foldvm(["core", SESSION, "-o", output, "--force", "--quiet"])).stderr, "");
    assert.is(readFileSync(output)[0], 0x7f);
  }));

for (const [what, words, code, says] of [
  ["no place to write", [SESSION], 2, /Name the core with -o FILE/],
  ["a hart that is not there", [SESSION, "-o", "x", "--hart", "1"], 2, /hart 1: the machine has 1, from 0 on/],
  ["a moment beyond the end", [SESSION, "-o", "x", "--at", "9_000_000_000"], 2, /the recording ends at icount/],
  ["a moment that is none", [SESSION, "-o", "x", "--at", "noon"], 2, /--at noon: /],
] as const) {
  test(`given ${what}, then the message says so, and no file is made`, async () => {
    const answer = await foldvm(["core", ...words]);
    assert.is(answer.code, code, answer.stderr);
    assert.match(answer.stderr, says);
    assert.not(existsSync("x"));
  });
}

test("given a signal on the way, then the command ends by it and leaves no file", () =>
  withLongRecording(async (recording, folder) => {
    const words = ["core", recording, "-o", join(folder, "vmcore")];
    assert.is((await signalled(words, "SIGINT")).code, 130);
    assert.equal(readdirSync(folder).sort(), ["kernel", "long.fold"]);
  }));

test("given - as the place, when a core is written, then it is on standard output, whole", async () => {
  const { code, stdout, stderr } = await foldvm(["core", SESSION, "--at", "100_000", "-o", "-"]);
  assert.is(code, 0, stderr);
  assert.not(existsSync("-"));
  await withTemporaryFolder(async (folder) => {
    const output = join(folder, "vmcore");
    await foldvm(["core", SESSION, "--at", "100_000", "-o", output]);
    assert.ok(readFileSync(output).equals(Buffer.from(stdout, "latin1")));
  });
});

for (const [words, says] of [
  [["replay", SESSION, "--save", "-"], /--save -: standard output is what the guest prints; name a file/],
  [["export-disk", SESSION, "-o", "-"], /-o -: a disk has holes, which only a file keeps; name a file/],
  [["snapshots", SESSION, "--extract", "x", "-o", "-"], /-o -: what was done is printed there; name a file/],
] as const) {
  test(`given - as the place, when ${words[0]} is to write there, then a file is asked for`, async () => {
    const { code, stderr } = await foldvm([...words]);
    assert.is(code, 2);
    assert.match(stderr, says);
  });
}

test.run();
