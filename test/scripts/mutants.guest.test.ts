// Of the mutants' table the quick ones are tried.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MUTANTS } from "../../scripts/mutants/table.js";
import { tryMutant } from "../../scripts/mutants/try-mutant.js";

for (const mutant of MUTANTS.filter(({ isQuick }) => isQuick === true)) {
  test(`given a broken line in ${mutant.file}, when its test runs, then it turns red`, () => {
    const { outcome, detail } = tryMutant(mutant);
    assert.is(outcome, "killed", detail);
  });
}

test("given a change that breaks nothing, or a line that is not there, then that is told", () => {
  const file = "src/options/nearest.ts";
  const harmless = { file, find: "const MAX_TYPOS = 2;", replace: "const MAX_TYPOS = 2; ", test: "names/expression" };
  assert.is(tryMutant(harmless).outcome, "survived");
  assert.is(tryMutant({ ...harmless, find: "what is not there" }).outcome, "stale");
});

test.run();
