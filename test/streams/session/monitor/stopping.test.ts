// Breakpoints and watchpoints: where a replay stops by itself, forward and back, and what it says there.
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { calls, writes } from "../../../../src/streams/past/query/index.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { Monitor } from "../../../../src/streams/session/monitor/monitor.js";
import { ReplayTarget } from "../../../../src/streams/session/target/replay-target.js";
import { MAX_STOP_POINTS } from "../../../../src/streams/session/stop-points/stop-point.js";

const LOG = fileURLToPath(new URL("../../../../logs/race-fails.fold", import.meta.url));
const recording = openRecording(LOG);
const reads = calls(recording, { of: "link_read" }).toArray();
const stores = writes(recording, { of: "link.count" })
  .toArray()
  .filter(({ value, before }) => value !== before);

const open = (): { readonly target: ReplayTarget; readonly run: (line: string) => Promise<string> } => {
  const target = new ReplayTarget(recording, {
    heard: () => undefined,
    failed: (fault) => {
      throw fault;
    },
    quit: () => undefined,
  });
  const monitor = new Monitor(target);
  return {
    target,
    run: async (line) => {
      try {
        return await monitor.execute(line);
      } catch (fault) {
        return `error ${String((fault as { code?: string }).code)}: ${(fault as Error).message}`;
      }
    },
  };
};
const icountIn = (text: string): number => Number(/instruction (\d+)/.exec(text)?.[1]);

test("given a breakpoint, when it goes on, then it stops before each call, and going back finds the same", async () => {
  const { target, run } = open();
  assert.match(await run("break link_read"), /^breakpoint 1: link_read at 0x8000123c/);
  const wanted = reads.slice(0, 4).map(({ icount }) => icount);
  for (const icount of wanted) {
    assert.is(icountIn(await run("cont")), icount);
    assert.is(target.present().harts[0]?.fields.pc, 0x8000_123cn);
  }
  assert.match(await run("info breakpoints"), /hit 4 times/);
  for (const icount of wanted.slice(0, -1).reverse()) assert.is(icountIn(await run("reverse-continue")), icount);
  assert.match(await run("rc"), /^no hit before; the start: at instruction 0, event 0/);
  assert.is(icountIn(await run("cont")), wanted[0]);
});

test("given a watchpoint, then it stops after each store, and going back before it", async () => {
  const { run } = open();
  await run("watch link.count");
  const [first, second] = stores as [(typeof stores)[0], (typeof stores)[0]];
  assert.is(icountIn(await run("cont")), first.icount + 1);
  const text = await run("cont");
  assert.is(icountIn(text), second.icount + 1);
  assert.match(
    text,
    new RegExp(`^watchpoint 1 \\(link.count\\) 0x${second.before.toString(16)} -> 0x${second.value.toString(16)},`),
  );
  assert.is(icountIn(await run("rc")), second.icount);
  assert.is(icountIn(await run("rc")), first.icount);
});

test("given a condition, then it stops where that holds alone", async () => {
  const { run } = open();
  const counted = reads.filter(({ args }) => args[1] === reads[0]?.args[1]);
  const other = reads.find(({ icount }) => icount > 1_000_000)!;
  await run(`break link_read if $x10 == ${String(other.args[0])} && $ra == ${String(other.returnAddress)}`);
  const text = await run("cont");
  const wanted = reads.find(
    ({ args, returnAddress }) => args[0] === other.args[0] && returnAddress === other.returnAddress,
  )!;
  assert.is(icountIn(text), wanted.icount);
  assert.ok(counted.length > 0);
});

test("given a breakpoint for once, then it is gone when it was hit", async () => {
  const { run } = open();
  await run("tbreak link_read");
  assert.is(icountIn(await run("cont")), reads[0]?.icount);
  assert.is(await run("info breakpoints"), "There is no breakpoint or watchpoint.");
});

test("given a breakpoint for once, when it is hit on the way back, then it is gone as well", async () => {
  const { run } = open();
  const [, second, third] = reads;
  await run(`replay_seek ${String(third?.icount)}`);
  await run("tbreak link_read");
  assert.is(icountIn(await run("reverse-continue")), second?.icount);
  assert.is(await run("info breakpoints"), "There is no breakpoint or watchpoint.");
  assert.match(await run("reverse-continue"), /^no hit before; the start/);
});

test("given a line without code, then the error has the nearest ones that have some", async () => {
  const { run } = open();
  assert.match(
    await run("break link.c:28"),
    /^error NO_SUCH_NAME: line 28 of link\.c has no instruction; nearest with some: 27 and 29$/,
  );
});

test("given a function, when it finishes, then it stands behind the call, and tells what came back", async () => {
  const { target, run } = open();
  await run("tbreak link_read");
  await run("cont");
  const [, caller] = (await run("bt")).split("\n");
  const returnAddress = target.present().harts[0]?.x[1];
  const said = await run("finish");
  const returned = target.present().harts[0]?.x[10] ?? 0n;
  assert.ok(said.endsWith(`\nlink_read returned ${String(BigInt.asIntN(32, returned))}`), said);
  assert.is(target.present().harts[0]?.fields.pc, returnAddress);
  assert.match(caller ?? "", new RegExp(`^#1 +0x0*${returnAddress?.toString(16) ?? ""} in race_run`));
});

test("given a call of bt, when it is chosen, then it is kept until the machine moves", async () => {
  const { run } = open();
  await run("tbreak link_read");
  await run("cont");
  assert.match(await run("up"), /^#1 .* in race_run/);
  assert.match(await run("frame"), /^#1 /);
  assert.match(await run("down"), /^#0 .* in link_read/);
  assert.match(await run("frame 99"), /^error NO_SUCH_FRAME: there is no call 99: bt has 0 to \d/);
  await run("up");
  await run("step");
  assert.match(await run("frame"), /^#0 /);
});

test("given what can't be stopped at, then the error says so, and what is there", async () => {
  const { run } = open();
  assert.match(await run("break nowhere"), /^error NO_SUCH_NAME: there is no nowhere; nearest are/);
  assert.match(await run("watch $a0"), /^error NOT_A_PLACE: \$a0 is not in memory, but a register/);
  assert.match(await run("watch 0x100000:4"), /^error CANNOT_ACCESS: 0x100000 is not mapped to memory/);
  assert.match(await run("break *0x100000"), /at 0x100000 \(mapped nowhere yet\)$/);
  await run("delete");
  assert.match(await run("break main if wrong > 2"), /^error NO_SUCH_NAME: there is no wrong/);
  assert.match(await run("delete 7"), /^error NO_SUCH_POINT: there is no 7/);
  assert.match(await run("rc"), /^no hit before; the start/);
  for (let points = 0; points < MAX_STOP_POINTS; points += 1) await run("break main");
  assert.match(await run("break main"), /^error NO_ROOM: there are 1000 already/);
  await run("delete");
  assert.is(await run("info breakpoints"), "There is no breakpoint or watchpoint.");
});

test("given breakpoints, when a replay comes to its end, then its state is what it is without them", async () => {
  const { target, run } = open();
  await run("break link_read if 0");
  await run("awatch link.count if 0");
  await run("cont");
  assert.is(target.present().position.icount, recording.info.instructions);
  assert.equal(target.state(), recording.at());
});

test("given a condition on a variable of the function, then it is what that has there, and elsewhere it is not met", async () => {
  const { run } = open();
  const [call] = calls(recording, { of: "uart_put" })
    .toArray()
    .filter(({ args }) => Number(args[0]) === 0x72);
  assert.match(await run("break uart_put if c == 0x72"), /if c == 0x72$/);
  assert.is(icountIn(await run("cont")), call?.icount);
  assert.match(await run("break uart_put if text == 0"), /^error NO_SUCH_NAME: there is no text/);
  await run("delete");
  // Set where it has a meaning; who stores there has no such variable.
  await run("watch link.count if c == 0x72");
  assert.match(await run("cont"), /^ended: /);
});

test("given a condition on what is watched, then it is of the value that the store makes, forward and back", async () => {
  const { run } = open();
  const made = stores.filter(({ value }) => value === 1n);
  await run("watch link.count if link.count == 1");
  for (const { icount } of made.slice(0, 2)) assert.is(icountIn(await run("cont")), icount + 1);
  assert.match(await run("print link.count"), /1/);
  await run(`replay_seek ${String((made[1]?.icount ?? 0) + 1)}`);
  for (const { icount } of made.slice(0, 2).reverse()) assert.is(icountIn(await run("reverse-continue")), icount);
});

test.run();
