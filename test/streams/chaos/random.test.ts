import { test } from "uvu";
import * as assert from "uvu/assert";

import { randomOf } from "../../../src/streams/chaos/random.js";

test("given a seed, when asked twice, then chance says the same, and another seed says something else", () => {
  const numbers = (seed: string): number[] => {
    const random = randomOf(seed);
    return Array.from({ length: 20 }, () => random.below(1000));
  };
  assert.equal(numbers("a"), numbers("a"));
  assert.not.equal(numbers("a"), numbers("b"));
});

test("given many long-tailed numbers, then all are in their range, and each factor of 10 has about as many", () => {
  const random = randomOf("tail");
  const numbers = Array.from({ length: 3000 }, () => random.longTailed(10, 10_000));
  assert.ok(numbers.every((one) => Number.isInteger(one) && one >= 10 && one <= 10_000));
  for (const least of [10, 100, 1000]) {
    const share = numbers.filter((one) => one >= least && one < 10 * least).length;
    assert.ok(share > 850 && share < 1150, String(share));
  }
});

test("given items, when they are shuffled, then all are there, and each order comes", () => {
  const random = randomOf("shuffle");
  const orders = new Set(Array.from({ length: 200 }, () => random.shuffled([1, 2, 3]).join("")));
  assert.equal([...orders].sort(), ["123", "132", "213", "231", "312", "321"]);
});

test.run();
