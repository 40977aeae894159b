import { test } from "uvu";
import * as assert from "uvu/assert";

import { lastLine } from "../../../../src/streams/session/hunt/last-line.js";

test("given a console, when its last line is asked for, then blank lines and control characters are left out", () => {
  assert.is(lastLine("", 60), "");
  assert.is(lastLine("first\r\n \x1b[31mb\x08alance\x1b[0m 7 \r\n\r\n \n", 60), "balance 7");
  assert.is(lastLine(Buffer.from("gr\u0085ün\u202e\n").toString("latin1"), 60), "grün");
});

test("given a line of as many letters as are shown, or one more, when it is asked for, then only the longer is cut", () => {
  assert.is(lastLine("a".repeat(60), 60), "a".repeat(60));
  assert.is(lastLine("a".repeat(61), 60), `${"a".repeat(59)}…`);
});

test.run();
