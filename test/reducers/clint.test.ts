import { test } from "uvu";
import * as assert from "uvu/assert";

import { clint, type ClintState } from "../../src/reducers/clint.js";
import { NOWHEN, stepped } from "./stepped.js";

const { reduce, load, ...rest } = stepped(clint);
const initialState = (harts: number): ClintState => rest.initialState({ harts });
const store = (state: ClintState, offset: number, width: 4 | 8, value: bigint, virtualNs = 0n): ClintState =>
  reduce(state, { type: "bus/stored", offset, width, value }, { ...NOWHEN, virtualNs });
const fire = (state: ClintState, hart: number): ClintState => reduce(state, { type: "clint/timerFired", hart });
const mtime = (state: ClintState, virtualNs: bigint): bigint =>
  load(state, { offset: 0xbff8, width: 8 }, { ...NOWHEN, virtualNs });
const deadlineNs = (state: ClintState): bigint | undefined => clint.timer?.deadlineNs(state);
/** Bits of mip. */
const MSIP = 1 << 3;
const MTIP = 1 << 7;
const lines = (state: ClintState, hart: number): number | undefined => clint.hartLines?.(state, hart, NOWHEN);

test("given a deadline in mtimecmp, when the virtual clock reaches it, then mtime is no less and 1 ns before it was less", () => {
  const state = store(initialState(1), 0x4000, 8, 12_345n);
  const deadline = deadlineNs(state);
  assert.ok(deadline !== undefined);
  assert.ok(mtime(state, deadline) >= 12_345n);
  assert.ok(mtime(state, deadline - 1n) < 12_345n);
});

test("given mtime was stored, when deadlines and readings are taken, then both follow it", () => {
  const set = store(store(initialState(1), 0xbff8, 8, 1_000_000n, 5_000n), 0x4000, 8, 1_000_010n);
  assert.is(mtime(set, 5_000n), 1_000_000n);
  assert.is(mtime(set, 6_050n), 1_000_010n);
  assert.is(deadlineNs(set), 6_000n);
  assert.is(clint.mtimeOffset?.(set), 999_950n);
});

test("given mtime was set back, when a deadline is asked for, then it is counted from the new time", () => {
  const set = store(store(initialState(1), 0xbff8, 8, 0n, 1_000_000n), 0x4000, 8, 10n);
  assert.is(deadlineNs(set), 1_001_000n);
});

test("given a timer that fired, when mtimecmp is stored, then MTIP falls and the next deadline stands", () => {
  const fired = fire(store(initialState(2), 0x4008, 8, 5n), 1);
  assert.is(lines(fired, 1), MTIP);
  assert.is(deadlineNs(fired), undefined);
  const rearmed = store(fired, 0x4008, 8, 7n);
  assert.is(lines(rearmed, 1), 0);
  assert.is(deadlineNs(rearmed), 700n);
});

test("given a deadline beyond the virtual clock's range, when it is asked for, then there is none", () => {
  assert.is(deadlineNs(store(initialState(1), 0x4000, 8, (1n << 64n) - 1n)), undefined);
});

test("given a hart, when its msip is stored, then only its own line follows bit 0", () => {
  const raised = store(initialState(2), 4, 4, 0xffff_ffffn);
  assert.equal([lines(raised, 0), lines(raised, 1)], [MTIP, MTIP | MSIP]);
  assert.is(load(raised, { offset: 4, width: 4 }), 1n);
  assert.is(lines(store(raised, 4, 4, 2n), 1), MTIP);
});

test("given a reset, when nothing was stored yet, then MTIP is raised, since mtimecmp is not above mtime", () => {
  assert.is(lines(initialState(1), 0), MTIP);
});

test("given an event for a hart that does not exist, when it is reduced, then nothing changes", () => {
  const state = initialState(1);
  assert.is(fire(state, 3), state);
  assert.is(store(state, 0x4010, 8, 1n), state);
});

test("given several harts, when a deadline is asked for, then it is the first one's, and so is the event", () => {
  const state = store(store(initialState(3), 0x4010, 8, 5n), 0x4008, 8, 7n);
  assert.is(deadlineNs(state), 500n);
  assert.equal(clint.timer?.event(state), { type: "clint/timerFired", hart: 2 });
  const after = fire(state, 2);
  assert.is(deadlineNs(after), 700n);
  assert.equal(clint.timer?.event(after), { type: "clint/timerFired", hart: 1 });
});

test.run();
