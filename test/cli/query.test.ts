import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { ended, foldvm, startFoldvm, testStdio } from "./command-line.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { signalled, withLongRecording } from "./long-recording.js";

const FAILS = "logs/race-fails.fold";

const rowsOf = async (...words: readonly string[]): Promise<readonly Record<string, unknown>[]> => {
  const { code, stdout, stderr } = await foldvm(["query", FAILS, ...words, "--json"]);
  assert.is(code, 0, stderr);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
};

test("given a guest without Linux, when its system calls and tasks are asked for, then it is said why there are none", async () => {
  for (const words of [
    ["query", FAILS, "syscalls"],
    ["events", FAILS, "--of", "inputs,syscalls openat"],
  ]) {
    const { code, stderr } = await foldvm(words);
    assert.is(code, words[0] === "query" ? 1 : 0);
    assert.is(stderr, "foldvm: syscalls: no rows: no Linux kernel is in the guest, which would name calls and tasks\n");
  }
  for (const words of [
    ["query", FAILS, "switches"],
    ["events", FAILS, "--of", "switches"],
  ])
    assert.match((await foldvm(words)).stderr, /switches: no Linux kernel is in the guest/);
  assert.is((await foldvm(["query", FAILS, "output", "never printed"])).stderr, "");
});

test("given a pattern in several words, then it is one; with one word more than there may be, it is refused", async () => {
  const apart = await rowsOf("output", "/foldvm", "demo/");
  assert.ok(apart.length > 0);
  assert.equal(apart, await rowsOf("output", "/foldvm demo/"));
  // The question is one of the 16.
  const many = Array.from({ length: 15 }, () => "a");
  assert.is((await foldvm(["query", FAILS, "output", ...many])).code, 1);
  const { code, stderr } = await foldvm(["query", FAILS, "output", ...many, "a"]);
  assert.is(code, 2);
  assert.match(stderr, "is too much");
});

test("given a device's name or its addresses, when it is asked for, then the rows are its loads and stores", async () => {
  const byName = await rowsOf("devices", "uart16550", "--limit", "5");
  const [first] = byName;
  assert.equal(Object.keys(first ?? {}).sort(), [
    ...["access", "address", "bytes", "device", "function", "hart", "icount", "line", "ns", "pc", "seq", "value"],
  ]);
  assert.is(first?.["device"], "uart16550");
  assert.equal(await rowsOf("devices", "0x10000000:256", "--limit", "5"), byName);
  const { stdout } = await foldvm(["query", FAILS, "calls", "uart_put", "--results", "--first"]);
  assert.match(stdout, / ns=\d+ value=|\bns=\d+[ }]/);
});

test("given CSRs, when their writes are asked for, then each row has its name, what was there, and what comes", async () => {
  const [row] = await rowsOf("csrs", "mtvec", "--first");
  assert.is(row?.["csr"], "mtvec");
  assert.is(row?.["before"], "0");
  assert.match(String(row?.["value"]), /^\d+$/);
});

test("given a variable, when its changes are asked for, then each row has its value and the one before, as its type says", async () => {
  const ASKED = ["query", FAILS, "changes", "link.count", "--limit", "2"];
  const rows = await rowsOf("changes", "link.count", "--limit", "2");
  assert.equal(
    rows.map(({ function: name, before, value }) => [name, before, value]),
    [
      ["link_receive", "0", "1"],
      ["link_read", "1", "0"],
    ],
  );
  assert.match((await foldvm(ASKED)).stdout, /link_receive .*before=0 value=1\n.*link_read .*before=1 value=0\n$/);
  const [structure] = await rowsOf("changes", "link", "--first");
  assert.equal(structure?.["value"], { count: "0", head: "0", tail: "0", last_arrival: "0", bytes: "a" });
  const { stdout } = await foldvm(["query", FAILS, "changes", "link", "--first"]);
  assert.match(stdout, /value=\{count = 0, head = 0, .*bytes = "a"\}/);
  const [last] = await rowsOf("changes", "link.count", "--last");
  assert.equal([last?.["before"], last?.["value"]], ["1", "0"]);
});

test("given what is no variable in memory, when its changes are asked for, then it takes a place of code", async () => {
  const { code, stderr } = await foldvm(["query", FAILS, "changes", "a0"]);
  assert.is(code, 2);
  assert.match(stderr, /a0 is not in memory.*a0 at main/);
  const rows = await rowsOf("changes", "c", "at", "uart_put", "--limit", "2");
  assert.equal(
    rows.map(({ function: name, before, value }) => [name, before, value]),
    [
      ["uart_put", undefined, "13"],
      ["uart_put", "13", "10"],
    ],
  );
  assert.match((await foldvm(["query", FAILS, "changes", "link", "--jobs", "2"])).stderr, /one thread answers changes/);
});

test("given what is computed of variables, when its changes are asked for, then they are of that value, in decimal", async () => {
  const rows = await rowsOf("changes", "link.head - link.tail", "--limit", "2");
  assert.equal(
    rows.map(({ function: name, before, value }) => [name, before, value]),
    [
      ["link_receive", "0", "1"],
      ["link_read", "1", "0"],
    ],
  );
  const { stdout } = await foldvm(["query", FAILS, "changes", "link.head + 1", "--first"]);
  assert.match(stdout, /before=1 value=2$/m);
  // What is behind a name is a place, as everywhere.
  assert.equal(await rowsOf("changes", "link+0:4", "--limit", "2"), await rowsOf("changes", "link:4", "--limit", "2"));
});

test("given what never changes, then there is no such row", async () => {
  const { code, stdout } = await foldvm(["query", FAILS, "changes", "link.count", "--until", "1000"]);
  assert.equal([code, stdout], [1, ""]);
});

test("given a question, when its cost is asked for, then it says what is to be run, and about how long that takes", async () => {
  const { stdout } = await foldvm(["query", FAILS, "traps", "--explain"]);
  assert.match(
    stdout,
    /^\d segments, of which 0 are ruled out; 12,\d{3},\d{3} instructions to run, about \d+\.\d s\n$/,
  );
});

test("given --last or --first, when the cost is asked for, then it is told for that way of asking", async () => {
  await withTemporaryFolder(async (folder) => {
    const index = join(folder, "race.states");
    await foldvm(["index", FAILS, "--index", index]);
    const costOf = async (...words: readonly string[]): Promise<string> =>
      (await foldvm(["query", FAILS, ...words, "--explain", "--index", index])).stdout;
    const last = await costOf("writes", "console_idles", "--last");
    const fromEnd =
      /from the end: ([\d,]+) instructions to run, about [\d.]+ s, if the row is among them; at most ([\d,]+), /;
    const [least = 0, most = 0] =
      fromEnd
        .exec(last)
        ?.slice(1)
        .map((text) => Number(text.replaceAll(",", ""))) ?? [];
    assert.ok(least > 0 && least < most, last);
    // It keeps lines from the beginning on.
    assert.not.match(await costOf("output", "--last"), /from the end/);
    assert.match(await costOf("traps", "--first"), /ruled out; at most 12,\d{3},\d{3} instructions to run/);
  });
});

test("given a store, when its row is printed as text, then its address is hexadecimal", async () => {
  const { stdout } = await foldvm(["query", FAILS, "writes", "link.count", "--first"]);
  assert.match(stdout, / address=0x80002ed8 bytes=8 value=0x0 /);
});

test("given a name that is none, then the error names those that are near", async () => {
  const device = await foldvm(["query", FAILS, "devices", "uart"]);
  assert.is.not(device.code, 0);
  assert.match(device.stderr, /no device uart; .*uart16550/);
  const csr = await foldvm(["query", FAILS, "csrs", "stap"]);
  assert.match(csr.stderr, /csrs: of "stap": expected one of \d+ names, such as satp, .*did you mean satp/s);
  assert.match(
    (await foldvm(["query", FAILS, "traps", "nosuch"])).stderr,
    /^foldvm: traps: of "nosuch": expected inst/,
  );
});

test("given rows in which something is not known, when they are printed as text, then it is left out", async () => {
  const { stdout } = await foldvm(["query", "logs/clock.fold", "visits", "0x80000000", "--first"]);
  assert.match(stdout, /hart 0 {2}0x80000000/);
  assert.not.match(stdout, /undefined/);
});

test("given thousands of rows, when a pipe takes them, then all come, and nothing is complained of", async () => {
  const child = startFoldvm(["query", FAILS, "calls", "/./", "--json", "--limit", "5000"]);
  const { code, stdout, stderr } = await ended(child);
  assert.equal([code, stderr], [0, ""]);
  const icounts = stdout
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { icount: number }).icount);
  assert.is(icounts.length, 5000);
  assert.equal(
    icounts,
    [...icounts].sort((a, b) => a - b),
  );
});

/** What is nowhere, so that all is searched. */
const SEARCHES = [
  ["visits", "0x80000100"],
  ["visits", "0x80000100", "--first"],
  ["visits", "0x80000100", "--last"],
  ["visits", "0x80000100", "--jobs", "2"],
];

test("given a terminal, when a question takes long, then it shows how far it is, and leaves no trace of that", () =>
  withLongRecording(async (path) => {
    for (const words of SEARCHES.slice(0, 3)) {
      const stdio = testStdio({ isTerminal: true });
      const { code, stderr } = await foldvm(["query", path, ...words], stdio);
      assert.is(code, 1, words.join(" "));
      assert.match(stderr, /foldvm: at [\d,]+ of [\d,]+ instructions/, words.join(" "));
      assert.ok(stderr.endsWith("\r\x1b[K"), JSON.stringify(stderr));
      const quiet = await foldvm(["query", path, ...words, "--quiet"], testStdio({ isTerminal: true }));
      assert.is(quiet.stderr, "");
    }
  }));

test("given Ctrl-C, when a question is being answered in any way, then the command ends by the signal's code", () =>
  withLongRecording(async (path) => {
    for (const words of [...SEARCHES, ["visits", "0x80000100", "--explain"]]) {
      const { code, stdout, stderr } = await signalled(["query", path, ...words], "SIGINT");
      assert.equal([code, stdout, stderr], [130, "", ""], words.join(" "));
    }
  }));

test.run();
