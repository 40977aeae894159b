// Breakpoints and watchpoints in the monitor of a machine that runs: where it stops, and that no recording shows it.
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { calls, visits, writes } from "../../src/streams/past/query/index.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { freshSeed, oneOf, seededRandom } from "../support/seeded-random.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { DEMO, foldvm, testStdio, type Answer } from "./command-line.js";

const END = "run_until 900000";

/** A session with a script at its monitor. */
function recordedWith(path: string, ...lines: readonly string[]): Promise<Answer> {
  const stdio = testStdio();
  stdio.stdin.end(['type "crc\\n"', ...lines, "delete", END, "quit", ""].join("\n"));
  return foldvm(["record", "-o", path, ...DEMO, "--monitor", "-S", "--quiet"], stdio);
}

const icountsIn = (text: string): readonly number[] =>
  [...text.matchAll(/point \d+ \([^)]*\).*: instruction (\d+),/g)].map(([, icount]) => Number(icount));

test("given breakpoints and watchpoints on a machine that runs, then it stops where its recording says, which is the same without them", () =>
  withTemporaryFolder(async (folder) => {
    const [plain, stopped] = [join(folder, "plain.fold"), join(folder, "stopped.fold")];
    await recordedWith(plain);
    const { stdout } = await recordedWith(
      stopped,
      ...["break uart_put if $a0 == 0x64", "cont", "cont", "info breakpoints", "delete"],
      ...["watch console_idles", "cont", "delete", "tbreak uart_put", "cont", "finish", "info breakpoints"],
    );
    // In how many segments it was written is the host's pace.
    assert.equal([...openRecording(stopped).eventsFrom()], [...openRecording(plain).eventsFrom()]);
    assert.is(openRecording(stopped).info.stateHash, openRecording(plain).info.stateHash);
    const recording = openRecording(plain);
    const puts = calls(recording, { of: "uart_put" }).toArray();
    const [first, second] = puts.filter(({ args }) => Number(args[0]) === 0x64);
    const store = writes(recording, { of: "console_idles", from: second?.icount })
      .toArray()
      .find(({ before, value }) => before !== value);
    const next = puts.find(({ icount }) => icount > (store?.icount ?? Infinity));
    assert.equal(icountsIn(stdout).slice(0, 4), [
      first?.icount,
      second?.icount,
      (store?.icount ?? 0) + 1,
      next?.icount,
    ]);
    assert.match(stdout, /breakpoint 1: uart_put at .* if \$a0 == 0x64, hit 2 times/);
    assert.match(stdout, /There is no breakpoint or watchpoint/);
  }));

test("given a machine that records, when it goes back, looks, and comes forward to the present, then it goes on, and the recording is the same", () =>
  withTemporaryFolder(async (folder) => {
    const [plain, travelled] = [join(folder, "plain.fold"), join(folder, "travelled.fold")];
    await recordedWith(plain);
    const { stdout } = await recordedWith(
      travelled,
      ...["tbreak uart_put if $a0 == 0x64", "cont", "reverse-stepi 1000", "when", "watch console_idles", "rc", "when"],
      ...["delete", "replay_seek 1000", "print $pc", "cont", "wait", "when", "step 7", "when"],
    );
    assert.equal([...openRecording(travelled).eventsFrom()], [...openRecording(plain).eventsFrom()]);
    assert.is(openRecording(travelled).info.stateHash, openRecording(plain).info.stateHash);
    const recording = openRecording(plain);
    const put = calls(recording, { of: "uart_put" })
      .toArray()
      .find(({ args }) => Number(args[0]) === 0x64);
    const there = put?.icount ?? 0;
    const idle = writes(recording, { of: "console_idles", until: there - 1000 })
      .toArray()
      .findLast(({ before, value }) => before !== value);
    const stood = [...stdout.matchAll(/^at instruction (\d+)/gm)].map(([, icount]) => Number(icount));
    assert.equal(stood, [...[there - 1000, there - 1000, idle?.icount ?? 0, 1000, there, there + 7]]);
    assert.match(stdout, new RegExp(`0x${(recording.at(1000).harts[0]?.fields.pc ?? 0n).toString(16)}`));
  }));

test("given a machine that records, when something is written in its past, then a branch goes on, and the recording is the same", () =>
  withTemporaryFolder(async (folder) => {
    const [plain, forked] = [join(folder, "plain.fold"), join(folder, "forked.fold")];
    await recordedWith(plain);
    const saved = join(folder, "branch.fold");
    const { stdout, stderr } = await recordedWith(
      forked,
      ...["tbreak uart_put if $a0 == 0x64", "cont", "replay_seek 1000", "fork", "step 500", `fork ${saved}`, "parent"],
      ...["when", "cont", "wait"],
    );
    assert.match(stderr, /a branch of .*forked.fold from instruction 1000, event \d+/);
    assert.match(stdout, /reached: instruction 1500/);
    assert.is(openRecording(saved).info.instructions, 1500);
    assert.equal([...openRecording(forked).eventsFrom()], [...openRecording(plain).eventsFrom()]);
    assert.is(openRecording(forked).info.stateHash, openRecording(plain).info.stateHash);
  }));

const seed = freshSeed();

/** On by some instructions, and then about in the past and in branches, and back to the present. */
function wandering(random: (below: number) => number, stay: number): readonly string[] {
  const there = `place${String(stay)}`;
  const past: readonly (() => readonly string[])[] = [
    () => [`reverse-stepi ${String(1 + random(5000))}`],
    () => ["rc"],
    () => [`step ${String(1 + random(200))}`],
    () => [`replay_seek ${String(random(2000))}`],
    () => ["watch console_idles"],
    () => ["break uart_put"],
    () => ["delete"],
    () => ["fork", `step ${String(1 + random(3000))}`, `reverse-stepi ${String(1 + random(50))}`, "parent"],
  ];
  return [
    `step ${String(1 + random(60_000))}`,
    `mark ${there}`,
    ...Array.from({ length: 1 + random(4) }, () => oneOf(random, past)()).flat(),
    ...["delete", `goto ${there}`, "when", "goto end"],
  ];
}

test(`given a machine that records and is wandered about in (FOLDVM_SEED=${String(seed)}), then its recording is the same`, () =>
  withTemporaryFolder(async (folder) => {
    const [plain, travelled] = [join(folder, "plain.fold"), join(folder, "travelled.fold")];
    await recordedWith(plain);
    const random = seededRandom(seed);
    const { stdout } = await recordedWith(travelled, ...[1, 2, 3, 4, 5, 6].flatMap((stay) => wandering(random, stay)));
    const steps = [...stdout.matchAll(/^(place\d) is (at .*)$/gm)];
    assert.is(steps.length, 6, stdout);
    for (const [, place = "", where = ""] of steps) {
      assert.ok(stdout.split(`${where}\n`).length > 2, `${place} is not come back to: ${stdout}`);
    }
    assert.equal([...openRecording(travelled).eventsFrom()], [...openRecording(plain).eventsFrom()]);
    assert.is(openRecording(travelled).info.stateHash, openRecording(plain).info.stateHash);
  }));

test("given a machine that stands before the instruction that an interrupt comes to, when its handler has a breakpoint, then it is no position there", () =>
  withTemporaryFolder(async (folder) => {
    const [plain, stopped] = [join(folder, "plain.fold"), join(folder, "stopped.fold")];
    await recordedWith(plain);
    const [first] = visits(openRecording(plain), { of: "trap_vector" }).toArray();
    const icount = first?.icount ?? 0;
    const before = [`run_until ${String(icount)}`, "x/i $pc", "break trap_vector"];
    const { stdout } = await recordedWith(stopped, ...before, "cont", "savevm here", "stepi", "savevm there");
    assert.equal(icountsIn(stdout), [icount]);
    assert.match(stdout, /error NOT_HERE: it stands between a trap and its handler's first instruction/);
    const recording = openRecording(stopped);
    assert.equal(
      recording.snapshots.map(({ name, icount: at }) => [name, at]),
      [["there", icount + 1]],
    );
    assert.is(recording.info.stateHash, openRecording(plain).info.stateHash);
    assert.is((await foldvm(["verify", stopped])).code, 0);
  }));

test.run();
