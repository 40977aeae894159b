import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_CAUGHT_UP, TimerQueue } from "../../../src/streams/time/timer-queue.js";

const STEP_NS = 1000n;

/** A timer that is due as soon as may be after it ran, again and again; what time each callback saw. */
const advancedBy = (steps: number) => {
  const queue = new TimerQueue(() => 0n, "deadline");
  const seenNs: bigint[] = [];
  const tick = (): void => {
    seenNs.push(queue.nowNs);
    queue.add(0n, tick);
  };
  queue.add(STEP_NS, tick);
  queue.advanceTo(BigInt(steps) * STEP_NS);
  return { steps: seenNs.map((ns) => Number(ns / STEP_NS)), nextStep: Number((queue.deadlineNs ?? 0n) / STEP_NS) };
};

test("given as many ticks as one advance catches up with, then each comes at its time", () => {
  const { steps, nextStep } = advancedBy(MAX_CAUGHT_UP);
  assert.is(steps.length, MAX_CAUGHT_UP);
  assert.ok(steps.every((step, index) => step === index + 1));
  assert.is(nextStep, MAX_CAUGHT_UP + 1);
});

test("given an advance of hours, then one tick more comes, at the time that was reached, and the others are left out", () => {
  const hours = 10_000_000_000;
  const { steps, nextStep } = advancedBy(hours);
  assert.is(steps.length, MAX_CAUGHT_UP + 1);
  assert.equal(steps.slice(-2), [MAX_CAUGHT_UP, hours]);
  assert.is(nextStep, hours + 1);
});

test("given timers that are still due where no more is caught up with, then each of them runs, at the time that was reached", () => {
  const queue = new TimerQueue(() => 0n, "deadline");
  const reachedNs = BigInt(MAX_CAUGHT_UP + 5) * STEP_NS;
  const tick = (): void => void queue.add(0n, tick);
  queue.add(STEP_NS, tick);
  const seenNs: bigint[] = [];
  for (let index = 3; index > 0; index -= 1) queue.add(reachedNs - BigInt(index), () => seenNs.push(queue.nowNs));
  queue.advanceTo(reachedNs);
  assert.equal(seenNs, [reachedNs, reachedNs, reachedNs]);
});

test.run();
