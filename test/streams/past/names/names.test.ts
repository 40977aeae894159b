// Names come from files of any size: the same name may stand there thousands of times, and a typed one may be of any
// length.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { nearestWords } from "../../../../src/options/nearest.js";
import { MAX_REMEMBERED, Names } from "../../../../src/streams/past/names/names.js";

const named = (name: string, count: number): Names =>
  Names.ofSymbols(() =>
    Array.from({ length: count }, (_, index) => ({ name, address: BigInt(index), sizeBytes: 1n, kind: "label" })),
  );

test("given a name of as many places as are shown, when it has one more, then that is counted", () => {
  assert.throws(() => named(".L0", 8).named(".L0"), /^\.L0 is at (0x[0-9a-f]+, ){7}0x[0-9a-f]+: give the address/);
  assert.throws(
    () => named(".L0", 9).named(".L0"),
    /^\.L0 is at (0x[0-9a-f]+, ){7}0x[0-9a-f]+ and 1 more places: give/,
  );
});

test("given a name of a hundred thousand places, when it is asked for, then all of them are counted at once", () => {
  assert.throws(() => named(".L0", 100_000).named(".L0"), / and 99992 more places: give/);
});

test("given the same place in two files, when it is asked for, then it is one", () => {
  const main = { name: "main", address: 1n, sizeBytes: 1n, kind: "function" } as const;
  assert.equal(Names.ofSymbols(() => [main, { ...main }]).named("main"), main);
});

test("given more instructions than are remembered of a name, when it is asked for, then it is looked up anew", () => {
  let asked = 0;
  const source = {
    title: "a test",
    symbols: () => [],
    variable: () => {
      asked += 1;
      return undefined;
    },
  };
  const names = new Names(() => [source]);
  for (let pc = 0n; pc < BigInt(MAX_REMEMBERED); pc += 1n) names.variable("x", pc);
  names.variable("x", 0n);
  assert.is(asked, MAX_REMEMBERED);
  names.variable("x", BigInt(MAX_REMEMBERED));
  names.variable("x", 0n);
  assert.is(asked, MAX_REMEMBERED + 2);
});

test("given words that differ after 64 letters alone, when the nearest is asked for, then they are as near", () => {
  const beginning = "x".repeat(63);
  assert.equal(nearestWords(`${beginning}aQ`, [`${beginning}bP`, `${beginning}aR`]), [
    `${beginning}aR`,
    `${beginning}bP`,
  ]);
  assert.equal(nearestWords(`${beginning}aaQ`, [`${beginning}abP`, `${beginning}acP`]), [
    `${beginning}abP`,
    `${beginning}acP`,
  ]);
  assert.is(
    nearestWords(
      "y".repeat(1 << 16),
      Array.from({ length: 1000 }, (_, at) => `${beginning}${String(at)}`),
    ).length,
    4,
  );
});

test.run();
