/** What a guest printed, as a test's report has it. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { ConsoleText, MAX_CONSOLE_TEXT } from "../../../../src/streams/session/testing/console-text.js";

test("given one character more than is kept, when it is asked for, then the first is gone, and a wanted text is found", () => {
  const printed = new ConsoleText("begin");
  printed.hear(new TextEncoder().encode(`begin${".".repeat(MAX_CONSOLE_TEXT)}`));
  assert.is(printed.text.length, MAX_CONSOLE_TEXT);
  assert.ok(printed.has("begin"));
  assert.not.ok(printed.has(/begin/));
});

test.run();
