import { test } from "uvu";
import * as assert from "uvu/assert";

import {
  deadlineNs,
  hartLines,
  initialState,
  load,
  mtime,
  mtimeOffset,
  reduce,
  type ClintState,
} from "../../src/reducers/clint.js";

const store = (state: ClintState, offset: number, width: 4 | 8, value: bigint, virtualNs = 0n): ClintState =>
  reduce(state, { type: "bus/stored", offset, width, value }, { virtualNs });
const fire = (state: ClintState, hart: number): ClintState =>
  reduce(state, { type: "clint/timerFired", hart }, { virtualNs: 0n });

test("given a deadline in mtimecmp, when the virtual clock reaches it, then mtime is no less and 1 ns before it was less", () => {
  const state = store(initialState(1), 0x4000, 8, 12_345n);
  const deadline = deadlineNs(state, 0);
  assert.ok(deadline !== undefined);
  assert.ok(mtime(state, deadline) >= 12_345n);
  assert.ok(mtime(state, deadline - 1n) < 12_345n);
});

test("given mtime was stored, when deadlines and readings are taken, then both follow it", () => {
  const set = store(store(initialState(1), 0xbff8, 8, 1_000_000n, 5_000n), 0x4000, 8, 1_000_010n);
  assert.is(mtime(set, 5_000n), 1_000_000n);
  assert.is(load(set, { offset: 0xbff8, width: 8 }, { virtualNs: 6_050n }), 1_000_010n);
  assert.is(deadlineNs(set, 0), 6_000n);
  assert.is(mtimeOffset(set), 999_950n);
});

test("given mtime was set back, when a deadline is asked for, then it is counted from the new time", () => {
  const set = store(store(initialState(1), 0xbff8, 8, 0n, 1_000_000n), 0x4000, 8, 10n);
  assert.is(deadlineNs(set, 0), 1_001_000n);
});

test("given a timer that fired, when mtimecmp is stored, then MTIP falls and the next deadline stands", () => {
  const fired = fire(store(initialState(2), 0x4008, 8, 5n), 1);
  assert.equal(hartLines(fired, 1), { msip: false, mtip: true });
  assert.is(deadlineNs(fired, 1), undefined);
  const rearmed = store(fired, 0x4008, 8, 7n);
  assert.equal(hartLines(rearmed, 1), { msip: false, mtip: false });
  assert.is(deadlineNs(rearmed, 1), 700n);
});

test("given a deadline beyond the virtual clock's range, when it is asked for, then there is none", () => {
  assert.is(deadlineNs(store(initialState(1), 0x4000, 8, (1n << 64n) - 1n), 0), undefined);
});

test("given a hart, when its msip is stored, then only its own line follows bit 0", () => {
  const raised = store(initialState(2), 4, 4, 0xffff_ffffn);
  assert.equal([hartLines(raised, 0).msip, hartLines(raised, 1).msip], [false, true]);
  assert.is(load(raised, { offset: 4, width: 4 }, { virtualNs: 0n }), 1n);
  assert.not(hartLines(store(raised, 4, 4, 2n), 1).msip);
});

test("given a reset, when nothing was stored yet, then MTIP is raised, since mtimecmp is not above mtime", () => {
  assert.equal(hartLines(initialState(1), 0), { msip: false, mtip: true });
});

test("given an event for a hart that does not exist, when it is reduced, then nothing changes", () => {
  const state = initialState(1);
  assert.is(fire(state, 3), state);
  assert.is(store(state, 0x4010, 8, 1n), state);
});

test.run();
