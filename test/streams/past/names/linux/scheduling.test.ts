/** What the scheduler's members of a task mean: include/linux/sched.h. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { readScheduling, type SchedulingMembers } from "../../../../../src/streams/past/names/linux/index.js";

const MEMBERS: SchedulingMembers = { state: 0, exitState: 4, queued: 8, delayed: 12, priority: 16 };
const TASK = 0xffff_ffd8_0000_0000n;

interface Members {
  readonly state?: number;
  readonly exitState?: number;
  readonly queued?: number;
  readonly delayed?: number;
  readonly priority?: number;
}

function read({ state = 0, exitState = 0, queued = 0, delayed = 0, priority = 120 }: Members, members = MEMBERS) {
  const words = new Int32Array([state, exitState, queued, delayed, priority]);
  const bytes = new Uint8Array(words.buffer);
  return readScheduling((at, length) => bytes.subarray(Number(at - TASK), Number(at - TASK) + length), members, TASK);
}

const LETTERS: readonly (readonly [Members, string])[] = [
  [{ queued: 1 }, "R"],
  [{ state: 0x1 }, "S"],
  [{ state: 0x2 }, "D"],
  // TASK_KILLABLE
  [{ state: 0x102 }, "D"],
  [{ state: 0x4 }, "T"],
  [{ state: 0x8 }, "t"],
  [{ state: 0x40 }, "P"],
  [{ state: 0x402 }, "I"],
  [{ state: 0x1000 }, "D"],
  [{ state: 0x8000 }, "D"],
  [{ state: 0x80, exitState: 0x10 }, "X"],
  [{ state: 0x80, exitState: 0x20 }, "Z"],
  // TASK_WAKING: another hart is putting it on a queue.
  [{ state: 0x200 }, "R"],
];

for (const [members, letter] of LETTERS)
  test(`given ${JSON.stringify(members)}, then its state is ${letter}`, () => {
    assert.is(read(members)?.state, letter);
  });

test("given a task that is preempted on its way to sleep, then it is ready", () => {
  assert.is(read({ state: 0x1, queued: 1 })?.state, "R");
});

test("given one that its queue has not let go of yet, then it sleeps; a kernel without that knows it by the queue", () => {
  assert.is(read({ state: 0x1, queued: 1, delayed: 1 })?.state, "S");
  assert.is(read({ state: 0x1, queued: 1, delayed: 1 }, { ...MEMBERS, delayed: undefined })?.state, "R");
});

test("given a deadline task, then its priority is below 0, as the kernel's is", () => {
  assert.is(read({ priority: -1 })?.priority, -1);
});

test("given no memory there, then nothing is told", () => {
  assert.is(
    readScheduling(() => undefined, MEMBERS, TASK),
    undefined,
  );
});

test.run();
