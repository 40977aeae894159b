/** What a branch tells of its output. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { HeardOutput, MAX_OUTPUT_LETTERS } from "../../../../src/streams/past/branch/branch-end.js";

const printed = (output: HeardOutput, text: string): void => {
  output.hear({ type: "console/transmitted", port: "uart16550", bytes: new TextEncoder().encode(text) });
};

test("given more output than is kept / when it is told / then it is the last of it", () => {
  const output = new HeardOutput("before ");
  printed(output, "x".repeat(MAX_OUTPUT_LETTERS - 7));
  assert.ok(output.text.startsWith("before x"));
  printed(output, "y");
  assert.is(output.text.length, MAX_OUTPUT_LETTERS);
  assert.ok(output.text.startsWith("efore x") && output.text.endsWith("xy"));
  for (let time = 0; time < 5; time += 1) printed(output, "z".repeat(MAX_OUTPUT_LETTERS));
  assert.is(output.text, "z".repeat(MAX_OUTPUT_LETTERS));
});

test.run();
