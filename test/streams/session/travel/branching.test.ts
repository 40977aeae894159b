/** What is written in the past makes a branch: a machine and a recording of its own. */
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { hashOfState } from "../../../../src/machine/state-hash.js";
import { NotWritableError } from "../../../../src/machine/written-state.js";
import { registerWrite, memoryWrites } from "../../../../src/streams/session/debugger-writes.js";
import { Monitor } from "../../../../src/streams/session/monitor/monitor.js";
import { ReplayTarget } from "../../../../src/streams/session/target/replay-target.js";
import { fork } from "../../../../src/streams/session/fork.js";
import { memorySink } from "../../../../src/streams/store/log/index.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { BranchingTarget, MAX_NESTED_BRANCHES } from "../../../../src/streams/session/travel/branching-target.js";
import { withTemporaryFolder } from "../../../support/temporary-folder.js";

const LOG = "logs/race-fails.fold";
const MAIN = 1972;

const opened = (log: string | Uint8Array = LOG) => {
  const recording = openRecording(log);
  let printed = "";
  const options = {
    heard: (effect: { readonly type: string; readonly bytes?: Uint8Array }) => {
      if (effect.type === "console/transmitted") printed += Buffer.from(effect.bytes ?? []).toString("latin1");
    },
    failed: (fault: unknown) => {
      throw fault;
    },
    quit: () => undefined,
    recordingName: LOG,
  };
  const target = new BranchingTarget(new ReplayTarget(recording, options), options);
  const said: string[] = [];
  target.said$.subscribe((line) => said.push(line));
  const monitor = new Monitor(target);
  return {
    ...{ recording, target, said },
    ask: (line: string) => monitor.execute(line),
    get printed() {
      return printed;
    },
    end: () => {
      target.quit();
      recording.close();
    },
  };
};

test("given a register that is written in the past, then it is told once, and is there; in the parent it is as it was", async () => {
  const { target, said, ask, end } = opened();
  await ask(`replay_seek ${String(MAIN)}`);
  target.write(registerWrite(0, "a0", 0x1234n));
  target.write(registerWrite(0, "a1", 5n));
  assert.is(target.mode, "branch");
  assert.is(said.length, 1);
  assert.match(said[0] ?? "", /^a branch of logs\/race-fails.fold from instruction 1972, event 0: /);
  assert.is(await ask("print $a0"), "0x1234");
  assert.is(await ask("parent"), "at instruction 1972, event 0");
  assert.is(await ask("print $a0"), "0x0");
  end();
});

test("given a branch, when it goes back before what was written and forward again, then that is undone, and done again", async () => {
  const { target, ask, end } = opened();
  await ask(`replay_seek ${String(MAIN)}`);
  target.write(registerWrite(0, "a0", 0x1234n));
  await ask("step 10");
  const there = hashOfState(target.state());
  await ask(`replay_seek ${String(MAIN - 1)}`);
  assert.is(await ask("print $a0"), "0x0");
  await ask("cont");
  await ask("wait");
  assert.is(hashOfState(target.state()), there);
  assert.match(await ask("step"), /^reached: instruction 1983, event 1/);
  end();
});

test("given a branch that is left alone, then it comes to what its parent came to, inputs and all", async () => {
  const branch = opened();
  await branch.ask(`replay_seek ${String(MAIN)}`);
  await branch.ask("fork");
  await branch.ask("cont");
  await branch.ask("wait");
  const parent = branch.recording.at();
  assert.is(branch.target.present().position.icount, parent.position.icount);
  assert.is(hashOfState(branch.target.state()), hashOfState(parent));
  assert.match(branch.printed, /race/);
  branch.end();
});

test("given a write that was gone back before, when another is made there, then the first comes no more", async () => {
  const { target, ask, end } = opened();
  const writeCount = (value: number): void => {
    for (const write of memoryWrites(target.present(), 0x80002ed8n, Uint8Array.of(value, 0, 0, 0))) target.write(write);
  };
  await ask("replay_seek 29000");
  writeCount(42);
  await ask("step");
  await ask("reverse-stepi 3");
  writeCount(7);
  await ask("step 5");
  assert.is(await ask("print /d link.count"), "7");
  end();
});

test("given a recording of a machine that was stopped, when a branch of it goes on, then it goes beyond where that was", async () => {
  const sink = memorySink();
  const last = 100_000;
  const whole = openRecording(LOG);
  fork(whole, { insns: last }).record(sink);
  whole.close();
  const { recording, target, ask, end } = opened(sink.bytes());
  assert.equal([recording.info.cause, recording.info.instructions], ["stopped", last]);
  await ask(`replay_seek ${String(last - 1000)}`);
  await ask("fork");
  await ask("step 5000");
  assert.is(target.present().position.icount, last + 4000);
  end();
});

test("given a branch that is saved, then its recording knows its parent and position, and comes to the same state", () =>
  withTemporaryFolder(async (folder) => {
    const { target, ask, end } = opened();
    await ask(`replay_seek ${String(MAIN)}`);
    const [write] = memoryWrites(target.present(), 0x80002ed8n, Uint8Array.of(7, 0, 0, 0));
    if (write !== undefined) target.write(write);
    await ask("step 5000");
    const path = join(folder, "branch.fold");
    assert.is(await ask(`fork ${path}`), `saved ${path}`);
    const saved = openRecording(path);
    const { parent } = saved.log.header;
    assert.is(parent?.icount, MAIN);
    assert.equal(parent?.changes, ["by a debugger", "0x80002ed8 = 07000000"]);
    assert.is(hashOfState(saved.at()), hashOfState(target.state()));
    saved.close();
    const again = await ask(`fork ${path}`).catch((fault: unknown) => (fault as Error).message);
    assert.match(again, /exists already/);
    end();
  }));

test("given what can't be written, then the error says why, and no branch is made", async () => {
  const { target, said, end } = opened();
  for (const [register, why] of [
    ["zero", /always 0/],
    ["pc", /even/],
    ["mhartid", /only be read/],
  ] as const) {
    const fault = ((): unknown => {
      try {
        target.write(registerWrite(0, register, 1n));
      } catch (thrown) {
        return thrown;
      }
      return undefined;
    })();
    assert.instance(fault, NotWritableError);
    assert.match((fault as Error).message, why);
  }
  assert.equal([said, target.mode], [[], "replay"]);
  end();
});

test("given as many branches of branches as there may be, when one more is made, then the error says so; parent leaves them", async () => {
  const { ask, end } = opened();
  for (let made = 0; made < MAX_NESTED_BRANCHES; made += 1) await ask("fork");
  const fault = await ask("fork").catch((thrown: unknown) => (thrown as Error).message);
  assert.match(fault, /^it is the branch of 8 others/);
  for (let left = 0; left < MAX_NESTED_BRANCHES; left += 1) await ask("parent");
  const none = await ask("parent").catch((thrown: unknown) => (thrown as Error).message);
  assert.is(none, "it is in no branch");
  end();
});

test.run();
