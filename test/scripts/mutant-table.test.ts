// The mutants' table keeps up with the sources: each of its lines is there once, and its test is there.
import { readFileSync } from "node:fs";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { MUTANTS } from "../../scripts/mutants/table.js";
import { findTests } from "../../scripts/testing/find-tests.js";

test("given the table, then each of its lines is in its file once", () => {
  for (const { file, find } of MUTANTS) {
    assert.is(readFileSync(file, "utf8").split(find).length, 2, `${file}: ${find}`);
  }
});

test("given the table, then each of its tests is there", () => {
  const paths = findTests("test", []).map(({ path }) => path);
  const missing = MUTANTS.filter(({ test: pattern }) => !paths.some((path) => new RegExp(pattern).test(path)));
  assert.equal(missing, []);
});

test.run();
