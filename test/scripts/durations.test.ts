// The order of the test command: the longest files first, the same every time, and a table that names files which are
// there.
import { existsSync } from "node:fs";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { expectedRunSeconds, expectedSeconds, longestFirst, readDurations } from "../../scripts/testing/durations.js";
import type { TestFile } from "../../scripts/testing/find-tests.js";

const file = (path: string, more: Partial<TestFile> = {}): TestFile => ({
  ...{ path, tier: "core", timeLimitSeconds: undefined, fault: undefined },
  ...more,
});

test("given files of which some are noted, then the longest come first, and those that are alike by name", () => {
  const files = [file("b"), file("long"), file("a"), file("limited", { tier: "guest", timeLimitSeconds: 1800 })];
  assert.equal(
    longestFirst({ long: 50 }, files).map(({ path }) => path),
    ["limited", "long", "a", "b"],
  );
  assert.is(expectedSeconds({}, file("unknown", { tier: "guest" })), 20);
});

test("given two lanes, then a run takes as long as the one that ends last", () => {
  const files = ["a", "b", "c"].map((path) => file(path));
  assert.is(expectedRunSeconds({ a: 10, b: 6, c: 5 }, files, 2), 11);
  assert.is(expectedRunSeconds({}, [], 2), 0);
});

test("given the table, then each of its files is there", () => {
  assert.equal(
    Object.keys(readDurations()).filter((path) => !existsSync(path)),
    [],
  );
});

test.run();
