import { test } from "uvu";
import * as assert from "uvu/assert";

import { withLongRecording } from "./long-recording.js";
import { foldvm as call, testStdio, type Answer, type TestStdio } from "./command-line.js";

/** The guides of a tree are no Latin-1, as which the streams of a test are read. */
async function foldvm(words: readonly string[], stdio?: TestStdio): Promise<Answer> {
  const answer = await call(words, stdio);
  const { code, stdout, stderr } = answer;
  return { code, stdout: Buffer.from(stdout, "latin1").toString(), stderr: Buffer.from(stderr, "latin1").toString() };
}

const FAILS = "logs/race-fails.fold";
/** The first of the letters that were received. */
const LETTER = "link.bytes[0]";

test("given a byte of memory, when it is asked where it came from, then a tree leads to the byte that was typed", async () => {
  const { code, stdout, stderr } = await foldvm(["whence", FAILS, LETTER, "--at", "end"]);
  assert.is(code, 0, stderr);
  const lines = stdout.trimEnd().split("\n");
  assert.is(lines.length, 4);
  assert.match(
    lines[0] ?? "",
    /^link\.bytes\[0\] = 0x61 {2}<- sb a0, 24\(a5\) {2}0x80001218 link_receive \(demo\/link\.c:12\)/,
  );
  assert.match(lines[3] ?? "", /^ {4}└ uart16550\/byteReceived {2}byte=97 'a' {2}icount 400000 seq 1$/);
});

test("given --json, when it is asked, then each node is an object that names its parent", async () => {
  const { code, stdout } = await foldvm(["whence", FAILS, LETTER, "--json", "--depth", "2"]);
  assert.is(code, 0);
  const rows = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal(
    rows.map(({ id, parent, kind, value, isCut }) => [id, parent, kind, value, isCut]),
    [
      [0, undefined, "instruction", "97", false],
      [1, 0, "instruction", "97", false],
      [2, 1, "loaded", "97", true],
    ],
  );
});

test("given --address and --control, when it is asked, then what addresses were made of and what decided are there too", async () => {
  const { stdout } = await foldvm(["whence", FAILS, LETTER, "--address", "--control", "--depth", "1"]);
  assert.match(stdout, /├ @ a5 = /);
  assert.match(stdout, /├ \? branch not taken = /);
  assert.match(stdout, /└ \? trap = .* mei /);
});

test("given a register at a place, when it is asked, then it is followed from there", async () => {
  const { code, stdout, stderr } = await foldvm(["whence", FAILS, "a0", "--at", "400072", "--nodes", "1"]);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^a0 = 0x61 {2}<- lbu a0, 0\(s1\).*…\n$/);
});

test("given no place, or one that is none, when it is asked, then the error says what to give", async () => {
  const none = await foldvm(["whence", FAILS]);
  assert.is(none.code, 2);
  assert.match(none.stderr, /PLACE is missing/);
  const wrong = await foldvm(["whence", FAILS, "lnik"]);
  assert.is.not(wrong.code, 0);
  assert.match(wrong.stderr, /there is no lnik; nearest are link/);
  const option = await foldvm(["whence", FAILS, "a0", "--depth", "x"]);
  assert.match(option.stderr, /--depth/);
});

/** Nobody writes s1: it is looked for from the end to the beginning. */
const NOWHERE = "s1";

test("given a terminal, when a tree takes long to grow, then it shows how far it is, and leaves no trace of that", () =>
  withLongRecording(async (path) => {
    const stdio = testStdio({ isTerminal: true });
    const { code, stdout, stderr } = await foldvm(["whence", path, NOWHERE], stdio);
    assert.is(code, 0);
    assert.match(stdout, /^s1 = 0x0 {2}as it is at reset/);
    assert.match(stderr, /foldvm: \d nodes? found, at instruction [\d,]+/);
    assert.ok(stderr.endsWith("\r\x1b[K"), JSON.stringify(stderr));
    const quiet = await foldvm(["whence", path, NOWHERE, "--quiet"], testStdio({ isTerminal: true }));
    assert.is(quiet.stderr, "");
  }));

test("given Ctrl-C in the middle of one hop, when it comes, then the command ends by the signal's code and says so", () =>
  withLongRecording(async (path) => {
    const stdio = testStdio();
    const answer = foldvm(["whence", path, NOWHERE], stdio);
    const signals = setInterval(() => {
      stdio.signal("SIGINT");
    }, 1);
    const { code, stdout, stderr } = await answer;
    clearInterval(signals);
    assert.equal([code, stdout], [130, ""]);
    assert.match(stderr, /^foldvm: ended early, after 0 nodes/);
  }));

test("given Ctrl-C while a tree grows, when it comes, then what was found is printed, and a line says that it is not all", async () => {
  const stdio = testStdio({ isTerminal: true });
  const answer = foldvm(
    ["whence", FAILS, "link.count", "--address", "--control", "--nodes", "5000", "--depth", "500"],
    stdio,
  );
  const signals = setInterval(() => {
    if (/[1-9]\d* nodes found/.test(stdio.complained())) stdio.signal("SIGINT");
  }, 1);
  const { code, stdout, stderr } = await answer;
  clearInterval(signals);
  assert.is(code, 130);
  assert.match(stdout, /^link\.count = .*\n/);
  assert.match(stdout, /…\n/);
  assert.match(stderr, /foldvm: ended early, after [\d,]+ nodes; … marks where there may be more\n$/);
});

test.run();
