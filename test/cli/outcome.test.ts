import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { withTemporaryFolder } from "../support/temporary-folder.js";
import { DEMO, ended, foldvm, startFoldvm, testStdio } from "./command-line.js";

const lastLine = (stderr: string): Record<string, unknown> =>
  JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "") as Record<string, unknown>;

const withFolder = (work: (path: (name: string) => string) => Promise<void>): Promise<void> =>
  withTemporaryFolder((folder) => work((name) => join(folder, name)));

test("given --json, when recorded, replayed and verified, then the last line says the same of each", async () => {
  await withFolder(async (path) => {
    const file = path("a.fold");
    const recorded = lastLine(
      (await foldvm(["record", "--json", "-o", file, ...DEMO, "--append", "panic 3", "--stats"])).stderr,
    );
    assert.is(recorded["code"], 3);
    assert.is(recorded["cause"], "guest-panic");
    assert.is(recorded["file"], file);
    assert.is(recorded["guestCode"], 3);
    assert.is(recorded["bytes"], readFileSync(file).length);
    const info = JSON.parse((await foldvm(["info", "--json", file])).stdout) as Record<string, unknown>;
    assert.is(info["cause"], recorded["cause"]);
    assert.is(info["guestCode"], 3);
    assert.match((await foldvm(["info", file])).stdout, /^ended +guest-panic, code 3$/m);
    assert.is(lastLine((await foldvm(["replay", "--json", file])).stderr)["guestCode"], 3);
    for (const command of ["replay", "verify"]) {
      const { code, stderr } = await foldvm([command, "--json", file]);
      const outcome = lastLine(stderr);
      assert.is(outcome["code"], code);
      for (const name of ["cause", "instructions", "seq", "stateHash", "file"])
        assert.is(outcome[name], recorded[name], name);
    }
    const part = lastLine((await foldvm(["replay", "--json", file, "--until", "1,000"])).stderr);
    assert.equal([part["cause"], part["instructions"], part["guestCode"]], ["until", 1000, null]);
  });
});

test("given --json, when a machine runs, then there is no file; when it is stopped, the cause says so", async () => {
  const { code, stderr } = await foldvm(["run", "--json", ...DEMO, "--timeout", "0.2", "--icount", "sleep=on"]).catch(
    (error: unknown) => {
      throw error;
    },
  );
  assert.is(code, 2, stderr);
  const outcome = lastLine(stderr);
  assert.equal([outcome["cause"], outcome["code"], outcome["file"]], ["usage", 2, null]);
  const expected = lastLine((await foldvm(["run", "--json", ...DEMO, "--expect-text", "demo> "])).stderr);
  assert.equal([expected["cause"], expected["endedBy"], expected["code"]], ["host-quit", "expectText", 0]);
});

test("given --json, when it fails, then the last line is an object all the same", async () => {
  await withFolder(async (path) => {
    const file = path("none.fold");
    const outcome = lastLine((await foldvm(["verify", "--json", file])).stderr);
    assert.equal([outcome["cause"], outcome["code"], outcome["file"]], ["file", 66, file]);
    assert.match(String(outcome["message"]), "none.fold");
  });
});

test("given -o -, when recorded, then the recording is standard output, and the guest prints on standard error", async () => {
  const { code, stdout, stderr } = await foldvm(["record", "-o", "-", ...DEMO, "--append", "poweroff"]);
  assert.is(code, 0, stderr);
  assert.match(stderr, "demo");
  const bytes = Buffer.from(stdout, "latin1");
  for (const [words, expected] of [
    [["verify", "-"], /^OK/],
    [["info", "-"], /^recording +-/],
    [["events", "-"], /"seq":1/],
    [["replay", "-q", "-"], /demo/],
  ] as const) {
    const stdio = testStdio();
    stdio.stdin.end(bytes);
    const answer = await foldvm(words, stdio);
    assert.is(answer.code, 0, answer.stderr);
    assert.match(answer.stdout, expected);
  }
});

test("given -o - in a process of its own, when its reader goes away, then the exit code says that it was not written", async () => {
  const child = startFoldvm(["record", "-o", "-", ...DEMO, "--checkpoint", "1000", "--append", "memtest; poweroff"]);
  child.stdout.once("data", () => child.stdout.destroy());
  const { code, stderr } = await ended(child);
  assert.is(code, 73, stderr);
  assert.match(stderr, "standard output can't be written");
});

test("given a recording on standard input, when a monitor asks for that too, then it is refused", async () => {
  const { code, stderr } = await foldvm(["replay", "-", "--monitor"]);
  assert.is(code, 2);
  assert.match(stderr, "--monitor=unix:PATH");
});

test("given a saved state on standard input, when asked for info, then it is told", async () => {
  await withFolder(async (path) => {
    await foldvm(["record", "-o", path("a.fold"), ...DEMO, "--append", "poweroff"]);
    await foldvm(["replay", path("a.fold"), "--until", "1_000", "--save", path("s.fsnap")]);
    const stdio = testStdio();
    stdio.stdin.end(readFileSync(path("s.fsnap")));
    assert.match((await foldvm(["info", "-"], stdio)).stdout, /^saved state/);
  });
});

test("given a divergence, when verified with --json, then the last line has it", async () => {
  await withFolder(async (path) => {
    const [kernel, file] = [path("demo.elf"), path("a.fold")];
    writeFileSync(kernel, "");
    const { stderr } = await foldvm(["record", "--json", "-o", file, "--kernel", kernel]);
    assert.is(lastLine(stderr)["cause"], "boot");
  });
});

test.run();
