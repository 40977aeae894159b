import { test } from "uvu";
import * as assert from "uvu/assert";

import {
  initialState,
  nextBottomHalf,
  reduce,
  type BottomHalfEvent,
  type BottomHalvesState,
} from "../../src/reducers/bottom-halves.js";

const after = (...events: BottomHalfEvent[]): BottomHalvesState => events.reduce(reduce, initialState);
const drain = (state: BottomHalvesState): string[] => {
  const id = nextBottomHalf(state);
  return id === undefined ? [] : [id, ...drain(reduce(state, { type: "bottomHalf/ran", id }))];
};
const scheduled = (id: string): BottomHalfEvent => ({ type: "bottomHalf/scheduled", id });
const oneshot = (id: string): BottomHalfEvent => ({ type: "bottomHalf/oneshotScheduled", id });

test("given work put off, when it is run, then it runs in the order in which it was put off", () => {
  assert.equal(drain(after(scheduled("b"), oneshot("c"), scheduled("a"))), ["b", "c", "a"]);
});

test("given scheduled work, when it is scheduled again, then it runs once and the state is the very same", () => {
  const once = after(scheduled("a"));
  assert.is(reduce(once, scheduled("a")), once);
  assert.equal(drain(once), ["a"]);
});

test("given oneshot work, when it is requested twice, then it runs twice", () => {
  assert.equal(drain(after(oneshot("a"), oneshot("a"), scheduled("a"))), ["a", "a", "a"]);
});

test("given work put off, when it is cancelled, then nothing of its id or below it runs, and all else does", () => {
  const cancelled = (id: string): BottomHalfEvent => ({ type: "bottomHalf/cancelled", id });
  const state = after(scheduled("a/1"), oneshot("a/1"), scheduled("ab"), oneshot("a/2"), scheduled("b/1"));
  assert.equal(drain(reduce(state, cancelled("a/1"))), ["ab", "a/2", "b/1"]);
  assert.equal(drain(reduce(state, cancelled("a"))), ["ab", "b/1"]);
  assert.is(reduce(state, cancelled("c")), state);
  assert.equal(drain(reduce(reduce(state, cancelled("a")), scheduled("a/1"))), ["ab", "b/1", "a/1"]);
});

test("given an id that is not pending, when it is said to have run, then nothing changes", () => {
  const state = after(scheduled("a"));
  assert.is(reduce(state, { type: "bottomHalf/ran", id: "z" }), state);
  assert.is(nextBottomHalf(initialState), undefined);
});

test.run();
