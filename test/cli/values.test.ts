import { test } from "uvu";
import * as assert from "uvu/assert";

import { UsageError } from "../../src/cli/problems.js";
import { MAX_SECONDS, seconds } from "../../src/cli/values.js";

const refused = (text: string): string => {
  try {
    seconds("--timeout", text);
  } catch (fault) {
    assert.instance(fault, UsageError);
    return (fault as UsageError).message;
  }
  return "";
};

test("given as many seconds as a timer takes, then they are taken; with one more, then the option is refused", () => {
  assert.is(seconds("--timeout", String(MAX_SECONDS)), MAX_SECONDS);
  assert.match(refused(String(MAX_SECONDS + 1)), "--timeout 2147484: give at most 2147483 seconds, such as 60 or 0.5");
  // Beyond 31 bits of ms, a timer of the host's ends at once.
  assert.ok(MAX_SECONDS * 1000 < 2 ** 31);
});

test("given no time, or none in seconds, then the option is refused", () => {
  for (const text of ["0", "-1", "1e3", "", "soon"]) assert.match(refused(text), /give seconds, such as/, text);
  assert.is(seconds("--timeout", ".5"), 0.5);
});

test.run();
