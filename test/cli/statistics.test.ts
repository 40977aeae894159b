import { join } from "node:path";

import { suite } from "uvu";
import * as assert from "uvu/assert";

import { openLogFile } from "../../src/streams/host/log-file.js";
import type { RunStatistics } from "../../src/streams/session/run-statistics.js";
import { HARTS_ELF } from "../support/harts-guest.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { DEMO, foldvm, testStdio, type Answer } from "./command-line.js";

const test = suite("--stats");

const json = ({ stderr }: Answer): RunStatistics => JSON.parse(stderr.trim().split("\n").at(-1) ?? "") as RunStatistics;

const recorded = (path: string, words: readonly string[]): Promise<Answer> => {
  const stdio = testStdio();
  stdio.stdin.end("crc\nprimes 100\npanic 3\n");
  return foldvm(["record", "-o", path, ...DEMO, "--checkpoint", "1000000", ...words], stdio);
};

test("given a recording with statistics, when replayed, then both count the same instructions, events and accesses", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.fold");
    const recording = json(await recorded(path, ["--stats=json"]));
    const replay = json(await foldvm(["replay", path, "--stats=json", "--quiet"]));
    const log = openLogFile(path);
    assert.is(recording.instructions, log.end?.icount);
    assert.is(recording.tiers.interpreter + recording.tiers.compiled, recording.instructions);
    const events = [...log.events()].length;
    assert.is(
      Object.values(recording.events).reduce((sum, count) => sum + count, 0),
      events,
    );
    log.close();
    // Each was counted where it happens, in two runs that were cut in different pieces.
    for (const name of ["instructions", "events", "exceptions", "interrupts", "bus"] as const) {
      assert.equal(replay[name], recording[name], name);
    }
    assert.ok((recording.bus["uart16550"]?.stores ?? 0) > 100);
    assert.ok((recording.interrupts["mei"] ?? 0) > 0);
  });
});

test("given --stats, when the run ends, then a table says it; the recording and the console are as without", async () => {
  const { code, stdout, stderr } = await foldvm([
    "run",
    ...DEMO,
    "--append",
    "selftest",
    "--expect-text",
    "demo>",
    "--stats",
  ]);
  assert.is(code, 0);
  assert.match(stderr, /^foldvm: instructions +[\d,]+ in [\d.]+ s, CPU [\d.]+ s, \d+ MIPS$/m);
  assert.match(stderr, /^foldvm: uart16550 +[\d,]+ loads, [\d,]+ stores$/m);
  assert.not.match(stdout, /foldvm: instructions/);
});

test("given several harts, when recorded and replayed, then each has its instructions and turns, the same both times", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.fold");
    const machine = ["--smp", "3", "--bios", "none", "--kernel", HARTS_ELF, "--append", "lock-amo"];
    const recording = json(await foldvm(["record", "-o", path, ...machine, "--stats=json"]));
    assert.is(recording.harts.length, 3);
    assert.is(
      recording.harts.reduce((sum, { instructions }) => sum + instructions, 0),
      recording.instructions,
    );
    assert.ok(
      recording.harts.every(
        ({ instructions, turns }) => instructions > 0 && turns.interrupt + turns.pause + turns.wait > 0,
      ),
    );
    assert.equal(json(await foldvm(["replay", path, "--stats=json"])).harts, recording.harts);
    const { stderr } = await foldvm(["replay", path, "--stats"]);
    assert.match(stderr, /^foldvm: hart 2 +[\d,]+ instructions, [\d.]+ %; turns that ended [\d,]+: [a-z]+ \d+/m);
  });
});

test("given an idle guest, when its clock jumps, then the statistics have the time", async () => {
  const { harts, idleMs, events } = json(
    await foldvm(["run", ...DEMO, "--append", "uptime; poweroff", "--stats=json"]),
  );
  assert.is(harts.length, 1);
  assert.is(idleMs > 0, (events["clock/warped"] ?? 0) > 0);
});

test("given another form than json, when asked for, then the error names those there are", async () => {
  const { code, stderr } = await foldvm(["run", ...DEMO, "--stats=xml"]);
  assert.is(code, 2);
  assert.match(stderr, /--stats=xml: write --stats for text or --stats=json/);
});

test.run();
