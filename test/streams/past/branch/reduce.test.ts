/** Delta debugging: what is left is needed, all of it. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { lessened, reduced } from "../../../../src/streams/past/branch/reduce.js";
import { freshSeed, seededRandom } from "../../../support/seeded-random.js";

function drained<End>(steps: Generator<unknown, End>): End {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** Asks, and counts how often. */
function asking<T>(isEnough: (kept: readonly T[]) => boolean) {
  const asked = { count: 0 };
  // eslint-disable-next-line require-yield -- nothing takes long here
  const holds = function* (kept: readonly T[]): Generator<undefined, boolean> {
    asked.count += 1;
    return isEnough(kept);
  };
  return { asked, holds };
}

const seed = freshSeed();
console.log(`    reduce: FOLDVM_SEED=${String(seed)}`);
const random = seededRandom(seed);

test("given random guilty items / when all others can go / then exactly the guilty ones are left, in order", () => {
  for (let round = 0; round < 50; round += 1) {
    const items = Array.from({ length: random(60) }, (_, index) => index);
    const guilty = items.filter(() => random(8) === 0);
    const { holds } = asking((kept: readonly number[]) => guilty.every((item) => kept.includes(item)));
    assert.equal(drained(reduced(items, holds)), guilty);
  }
});

test("given items that need each other / when one of them is taken away / then nothing of what is left can go", () => {
  for (let round = 0; round < 50; round += 1) {
    const items = Array.from({ length: 1 + random(20) }, (_, index) => index);
    const modulus = 2 + random(4);
    const wanted = items.length % modulus;
    const ask = asking((kept: readonly number[]) => kept.length > 0 && kept.length % modulus === wanted);
    const left = drained(reduced(items, ask.holds));
    assert.ok(left.length % modulus === wanted);
    for (const item of left) assert.not.ok(drained(ask.holds(left.filter((other) => other !== item))));
  }
});

test("given one guilty item of a thousand / when it is looked for / then it takes few questions", () => {
  const items = Array.from({ length: 1000 }, (_, index) => index);
  const ask = asking((kept: readonly number[]) => kept.includes(617));
  assert.equal(drained(reduced(items, ask.holds)), [617]);
  assert.ok(ask.asked.count < 60, `${String(ask.asked.count)} questions`);
});

test("given nothing that is needed / when it is reduced / then one question is enough", () => {
  const ask = asking(() => true);
  assert.equal(drained(reduced([1, 2, 3], ask.holds)), []);
  assert.is(ask.asked.count, 1);
  assert.equal(drained(reduced([], ask.holds)), []);
});

test("given a number / when it holds from a value on / then that one is found", () => {
  for (const least of [1, 2, 17, 99, 100]) {
    const { holds } = asking(([value = 0]: readonly number[]) => value >= least);
    assert.is(drained(lessened(1, 100, (value) => holds([value]))), least);
  }
});

test.run();
