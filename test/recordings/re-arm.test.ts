// Timers that the guest arms: the interrupt comes after the very instruction, whatever the host does meanwhile.
import { interval } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_SHIFT } from "../../src/reducers/machine-config.js";
import { memorySink, openLog } from "../../src/streams/log/index.js";
import { openMachine } from "../../src/streams/machine-options.js";
import { record } from "../../src/streams/recorder.js";
import { replay } from "../../src/streams/replayer.js";
import { run } from "../../src/streams/run.js";
import { virtualScheduler } from "../../src/streams/schedulers.js";
import type { Machine } from "../../src/machine/machine.js";
import { FakeHostTime } from "../support/fake-host-time.js";
import { REARM, rearming } from "../support/tiny-guests.js";
import { seededRandom, type Random } from "../support/seeded-random.js";

const RUNS = 1000;
const SEED = Number(process.env["FOLDVM_SEED"] ?? 20_011);
const NS_A_TICK = 100n;

/** The icounts of both interrupts, one instruction at a time: no budget, no host. */
const stepped = (machine: Machine): number[] => {
  const fired: number[] = [];
  while (machine.ended === null) {
    const { icount } = machine.position;
    if (machine.run(icount + 1) !== "due") continue;
    const due = machine.due()!;
    if (due.type === "clint/timerFired") fired.push(machine.position.icount);
    machine.apply(due);
  }
  return fired;
};

/** Timers outside cut the run at odd places, and the host looks away between its slices. */
const recorded = (machine: Machine, random: Random): { fired: number[]; bytes: Uint8Array; hash: bigint } => {
  const time = new FakeHostTime(random(20));
  const sink = memorySink();
  const external = virtualScheduler(machine);
  const jitter = interval((1 + random(5000)) / 1000, external).subscribe();
  const fired: number[] = [];
  let isRunning = true;
  const { config } = machine.state();
  run(machine, [], { time, external, sleep: random(2) === 0, checkpointInsns: 1000 + random(10_000) })
    .pipe(record(machine, sink, { machine: config, images: [] }))
    .subscribe({
      next: ({ icount, event }) => {
        if (event.type === "clint/timerFired") fired.push(icount);
      },
      complete: () => (isRunning = false),
    });
  while (isRunning) {
    time.turn();
    time.pass(random(3000) / 1000);
  }
  jitter.unsubscribe();
  return { fired, bytes: sink.bytes(), hash: machine.hash() };
};

// Red if a store that arms an earlier timer does not cut the running budget (`access` in machine.ts): the near timer
// then fires at the end of the slice, at another instruction in every run.
test(`given a guest that arms far, spins and arms near, when run ${String(RUNS)} times at all shifts, then each interrupt comes at one instruction, in replays too`, () => {
  const random = seededRandom(SEED);
  const runsAShift = Math.ceil(RUNS / (MAX_SHIFT + 1));
  for (let shift = 0; shift <= MAX_SHIFT; shift += 1) {
    const { machine } = openMachine({ memory: "2M", kernel: rearming(), seed: "re-arm", shift });
    const reset = machine.state();
    const expected = stepped(machine);
    assert.is(expected.length, 2, `shift ${String(shift)}`);
    const spent = expected[0]!;
    const nearest = (BigInt(REARM.nearTicks) * NS_A_TICK) >> BigInt(shift);
    assert.ok(BigInt(spent) > nearest, "not before its time");
    // The one that is past fires right after the store: the instruction that returns has yet to retire.
    assert.is(expected[1]! - expected[0]!, INSTRUCTIONS_TO_THE_STORE);
    for (let index = 0; index < runsAShift; index += 1) {
      const context = `seed ${String(SEED)}, shift ${String(shift)}, run ${String(index)}`;
      machine.load(reset);
      const { fired, bytes, hash } = recorded(machine, random);
      assert.equal(fired, expected, context);
      machine.load(reset);
      replay(machine, openLog(bytes));
      assert.is(machine.hash(), hash, context);
    }
  }
});

/** `bne`, `addi` and `sd` of the handler. */
const INSTRUCTIONS_TO_THE_STORE = 3;

test.run();
