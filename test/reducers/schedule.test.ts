// Whose turn it is: what deviations do to it, and which are refused.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { accepts, atReset, initialState, reduce, retiredBy, turnOf } from "../../src/reducers/schedule.js";

test("given four harts, when one beyond them is to get a priority, then it is refused; the last one gets it", () => {
  const state = initialState(4);
  const prioritized = (hart: number) => ({ type: "schedule/hartPrioritized", hart, priority: 7 }) as const;
  assert.not.ok(accepts(state, prioritized(4)));
  assert.ok(accepts(state, prioritized(3)));
  assert.equal(reduce(state, prioritized(3), 0).priorities, [0, 0, 0, 7]);
});

test("given a hart that is alone, when its turn is ended or prolonged, then nothing changes", () => {
  const state = initialState(1);
  assert.is(reduce(state, { type: "schedule/turnEnded" }, 5), state);
  assert.is(reduce(state, { type: "schedule/turnProlonged", byInsns: 9 }, 5), state);
});

test("given turns, when they pass on and the machine is reset, then each hart's instructions are counted on", () => {
  const second = turnOf(initialState(2), 1, 300, { isAlone: false });
  assert.equal(retiredBy(second, 450), [300, 150]);
  const anew = atReset(second, 450);
  assert.equal([anew.hart, anew.sinceIcount, retiredBy(anew, 460)], [0, 450, [310, 150]]);
});

test.run();
