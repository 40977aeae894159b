// What a command prints has no room, or no reader: the exit code is 73 in the first case, and the command's own in the
// second.
import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";

import { suite } from "uvu";
import * as assert from "uvu/assert";

import { withTemporaryFolder } from "../support/temporary-folder.js";
import { commandFile, DEMO, foldvm, testStdio, type TestStdio } from "./command-line.js";

const RECORDING = fileURLToPath(new URL("../../logs/session.fold", import.meta.url));

/** A stream whose first write, or a later one, fails. */
const failing = (code: string, roomForWrites = 0): Writable => {
  let writes = 0;
  return new Writable({
    write(_chunk, _encoding, done) {
      writes += 1;
      if (writes <= roomForWrites) done();
      else done(Object.assign(new Error(`${code}: the write failed`), { code, syscall: "write" }));
    },
  });
};

const withOutput = (stdout: Writable): TestStdio => ({ ...testStdio(), stdout });

const COMMANDS: readonly (readonly string[])[] = [
  ["--version"],
  ["help"],
  ["events", "--help"],
  ["events", RECORDING],
  ["query", RECORDING, "traps"],
  ["export", RECORDING, "--perfetto", "-"],
  ["export", RECORDING, "--cloudevents", "-"],
  ["info", RECORDING],
  ["info", RECORDING, "--json"],
  ["snapshots", RECORDING],
  ["verify", RECORDING, "--quiet"],
  ["verify", RECORDING, "--json", "--quiet"],
  ["profile", RECORDING],
  ["replay", RECORDING],
  ["replay", RECORDING, "--quiet"],
  ["run", ...DEMO, "--append", "uptime; poweroff"],
];

const test = suite("failing output");

// Negative controls, tried once: red where `outputError` takes ENOSPC for a reader that went away; where main.ts does
// not `settle`; and in `run`, where watched-output.ts calls a full disk "outputClosed".
for (const words of COMMANDS) {
  const name = words.map((word) => (word === RECORDING ? "FILE" : word)).join(" ");

  test(`given a full disk behind the standard output, when foldvm ${name} is called, then it says so with 73`, async () => {
    const { code, stderr } = await foldvm(words, withOutput(failing("ENOSPC")));
    assert.is(code, 73, stderr);
    assert.is(stderr.match(/standard output can't be written: ENOSPC.*make room/g)?.length, 1, stderr);
    assert.not.match(stderr, "fault in foldvm");
  });

  test(`given a reader that goes away, when foldvm ${name} is called, then it ends quietly`, async () => {
    const { code, stderr } = await foldvm(words, withOutput(failing("EPIPE")));
    assert.is(code, 0, stderr);
    assert.not.match(stderr, /EPIPE|fault/);
  });
}

test("given a disk that gets full in the middle of a long output, then that is told too", async () => {
  const { code, stderr } = await foldvm(["events", RECORDING], withOutput(failing("EDQUOT", 1)));
  assert.is(code, 73, stderr);
  assert.match(stderr, /EDQUOT/);
});

test("given a full disk behind the standard output, when a machine is recorded, then the recording is whole and names the cause", () =>
  withTemporaryFolder(async (folder) => {
    const recording = join(folder, "a.fold");
    const words = ["record", "-o", recording, ...DEMO, "--append", "uptime", "--timeout", "20"];
    const { code } = await foldvm(words, withOutput(failing("ENOSPC")));
    assert.is(code, 73);
    const { complete, cause } = JSON.parse((await foldvm(["info", recording, "--json"])).stdout) as Record<
      string,
      unknown
    >;
    assert.equal([complete, cause], [true, "host-error"]);
    assert.is((await foldvm(["verify", recording])).code, 0);
  }));

test("given a full disk behind the standard error, when a command says nothing of importance there, then its code is 73 all the same", async () => {
  const stdio = { ...testStdio(), stderr: failing("ENOSPC") };
  assert.is((await foldvm(["replay", RECORDING], stdio)).code, 73);
  assert.is(
    (await foldvm(["replay"], { ...testStdio(), stderr: failing("ENOSPC") })).code,
    2,
    "a failure keeps its code",
  );
});

const inShell = (script: string, words: readonly string[]): { status: number | null; stderr: string } =>
  spawnSync("bash", ["-c", script, "bash", process.execPath, commandFile(), ...words], {
    encoding: "utf8",
  });

test("given /dev/full as a process' standard output, then the code is 73", () => {
  for (const words of [["events", RECORDING], ["info", RECORDING], ["replay", RECORDING], ["--version"]]) {
    const { status, stderr } = inShell('"$@" > /dev/full', words);
    assert.is(status, 73, stderr);
    assert.match(stderr, /^foldvm: standard output can't be written: ENOSPC[^\n]*\n$/);
  }
});

// The kernel takes the beginning of a piece that has no room as a whole. Negative control: red on Node's own stream for
// a file, which loses the rest and says nothing.
test("given a disk that has room for a part of what is printed, then that is no success", () =>
  withTemporaryFolder((folder) => {
    const output = join(folder, "out");
    const { status, stderr } = inShell(`ulimit -f 1; "$@" > ${output}`, ["record", "--help"]);
    assert.is(status, 73, stderr);
    assert.match(stderr, /EFBIG/);
    assert.is(statSync(output).size, 1024);
  }));

test("given a reader that closes a pipe, then nothing is said", () => {
  for (const words of [
    ["events", RECORDING],
    ["query", RECORDING, "traps"],
    ["export", RECORDING, "--perfetto", "-"],
    ["export", RECORDING, "--cloudevents", "-"],
    ["info", RECORDING],
    ["replay", RECORDING, "--quiet"],
  ]) {
    const { status, stderr } = inShell('"$@" | true; exit ${PIPESTATUS[0]}', words);
    assert.is(status, 0, stderr);
    assert.is(stderr, "");
  }
});

test.run();
