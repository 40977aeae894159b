// Steps by line where there are lines, but no function in the debugging information: against the trace.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { ReplayTarget } from "../../../../src/streams/session/target/replay-target.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { backOver } from "../../../../src/streams/session/stepping/back-steps.js";
import { stepInto, stepOver } from "../../../../src/streams/session/stepping/forward-steps.js";
import { callsTraced } from "../../../support/oracle/calls-traced.js";

/** Behind the reset vector, _start in start.S begins, and has a loop of four lines. */
const START_ICOUNT = 6;
const INSNS = 40;

test("given assembly, when it steps by line, then it stops at each line of it, also in a loop, forward and back", async () => {
  const recording = openRecording("logs/race-fails.fold");
  const { names } = recording;
  const target = new ReplayTarget(recording, {
    heard: () => undefined,
    failed: () => undefined,
    quit: () => undefined,
  });
  const traced = await callsTraced(recording, START_ICOUNT, INSNS);
  const lineOf = (pc: bigint): number | undefined => names.lineAt(pc)?.line;
  const begun = traced.filter(({ pc }, index) => lineOf(pc) !== lineOf(traced[index - 1]?.pc ?? 0n));
  const expected = begun.map(({ icount }) => icount);
  assert.ok(expected.length > 30);
  assert.match(names.lineAt(traced[0]?.pc ?? 0n)?.file ?? "", /start\.S$/);
  const present = (): number => target.present().position.icount;
  for (const step of [stepOver, stepInto]) {
    await target.seek(START_ICOUNT);
    for (const icount of expected.slice(1)) {
      await step(target, 0);
      assert.is(present(), icount);
    }
  }
  for (const icount of expected.slice(0, -1).toReversed()) {
    await backOver(target, 0);
    assert.is(present(), icount);
  }
});

test.run();
