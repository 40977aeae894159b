// What the test command hears of its child processes.
// Seen red: with an answer that had to be the last of what came at once, one with a warning behind it was waited for.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { answerIn } from "../../scripts/testing/run-files.js";
import { ANSWER, type FileResult } from "../../scripts/testing/worker.js";

const result: FileResult = { passed: 2, failed: 0, skipped: 0, faults: [], residentBytes: 1 };
const whole = `• •   (2 / 2)\n${ANSWER}${JSON.stringify(result)}\0`;

test("given an answer, when it is whole, then it is heard, also where something is printed right behind it", () => {
  for (const output of [whole, `${whole}(node:7) [DEP0205] DeprecationWarning\n`]) {
    assert.equal(answerIn(output), { text: "• •   (2 / 2)\n", result });
  }
});

test("given a part of an answer, then more of it is waited for", () => {
  for (let length = 0; length < whole.length; length += 1) assert.is(answerIn(whole.slice(0, length)), undefined);
});

test.run();
