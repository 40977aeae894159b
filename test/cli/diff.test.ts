/** `foldvm diff`: of recordings and states, for people and for programs, with diff's exit codes. */
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { withTemporaryFolder } from "../support/temporary-folder.js";
import { foldvm, testStdio } from "./command-line.js";

const FAILS = "logs/race-fails.fold";
const PASSES = "logs/race-passes.fold";

const rowsOf = (stdout: string): Record<string, unknown>[] =>
  stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test("given two recordings, when they are compared, then event and instruction are told, with exit code 1", async () => {
  const { code, stdout } = await foldvm(["diff", FAILS, PASSES]);
  assert.is(code, 1);
  assert.match(stdout, /^the first event that differs\n {2}a: seq 1 at 400000/);
  assert.match(stdout, /\nthe guests part at instruction 400,000, by an event\n/);
  assert.ok(stdout.split("\n").length < 20, stdout);
});

test("given a recording and a copy, when they are compared, then they are the same, with exit code 0", async () => {
  const { code, stdout } = await foldvm(["diff", FAILS, FAILS]);
  assert.equal([code, stdout], [0, "the recordings are the same: 12,075,018 instructions, 49 events\n"]);
});

test("given --json, when recordings are compared, then each row is an object with its position", async () => {
  const { code, stdout } = await foldvm(["diff", FAILS, PASSES, "--json", "--limit", "2"]);
  assert.is(code, 1);
  const rows = rowsOf(stdout);
  assert.equal(
    rows.map(({ kind }) => kind),
    ["event", "parting", "parting", "endings"],
  );
  const { seq, icount, ns, hart, pc, function: name } = rows[1] ?? {};
  assert.equal([seq, icount, ns, hart, pc, name], [1, 400_000, "400000", 0, "2147487766", "crc32"]);
});

test("given a terminal, when recordings are compared, then a line shows how far, and is gone before the answer", async () => {
  const stdio = testStdio({ isTerminal: true });
  let passedMs = 0;
  // As if each look at the clock were a second behind the one before.
  performance.now = () => (passedMs += 1000);
  try {
    await foldvm(["diff", FAILS, PASSES, "--ignore", "uart16550"], stdio);
  } finally {
    // The prototype's is behind it.
    Reflect.deleteProperty(performance, "now");
  }
  assert.match(stdio.complained(), /foldvm: comparing, at instruction [\d,]+\r/);
  assert.ok(stdio.complained().endsWith("\r\x1b[K"));
  assert.match(stdio.printed(), /^the first event that differs\n/);
});

test("given two places of one recording, when they are compared, then names tell what differs", async () => {
  const { code, stdout } = await foldvm(["diff", `${FAILS}@8400096`, "@35@8400098"]);
  assert.is(code, 1);
  assert.match(stdout, /\n {2}link\.count +0 +1\n/);
  const json = await foldvm([
    "diff",
    `${FAILS}@8400096`,
    `${FAILS}@8400098`,
    "--json",
    "--ignore",
    "registers,position",
  ]);
  assert.equal(
    rowsOf(json.stdout).map(({ kind, name }) => `${String(kind)} ${String(name)}`),
    ["memory link.count"],
  );
});

test("given saved states, when they are compared, then they are opened as states are", () =>
  withTemporaryFolder(async (folder) => {
    const [one, other] = [join(folder, "one.fsnap"), join(folder, "other.fsnap")];
    await foldvm(["replay", FAILS, "--until", "1000", "--save", one]);
    await foldvm(["replay", FAILS, "--until", "1004", "--save", other]);
    assert.is((await foldvm(["diff", one, one])).code, 0);
    assert.is((await foldvm(["diff", one, `${FAILS}@1000`])).code, 0);
    const { code, stdout } = await foldvm(["diff", one, other]);
    assert.is(code, 1);
    assert.match(stdout, /position\.icount +1000 +1004/);
  }));

test("given more rows than are shown, when states are compared, then the rest is counted, and --all shows it", async () => {
  const few = await foldvm(["diff", `${FAILS}@5`, "@end", "--limit", "3"]);
  const all = await foldvm(["diff", `${FAILS}@5`, "@end", "--all"]);
  const more = Number(/and (\d+) more\n$/.exec(few.stdout)?.[1]);
  assert.is(all.stdout.trim().split("\n").length, 2 + 3 + more);
});

for (const [name, words, message] of [
  ["one operand", [FAILS], /what with what/],
  ["a recording and a state", [FAILS, "@5"], /one is a recording and the other a state/],
  ["no place", [`${FAILS}@abc`, "@5"], /@abc abc: give an instruction count/],
  ["a place of nothing", ["@5", FAILS], /of which recording/],
  ["something unknown to ignore", [FAILS, PASSES, "--ignore", "linkk"], /there is no linkk; nearest are link/],
  ["no such position", [`${FAILS}@5`, "@99999999999"], /there is no icount 99999999999/],
] as const) {
  test(`given ${name}, when it is compared, then that is said, with exit code 2`, async () => {
    const { code, stderr } = await foldvm(["diff", ...words]);
    assert.is(code, 2);
    assert.match(stderr, message);
  });
}

test("given a file that is not there, when it is compared, then that is said, with exit code 66", async () => {
  assert.is((await foldvm(["diff", FAILS, "nowhere.fold"])).code, 66);
});

test.run();
