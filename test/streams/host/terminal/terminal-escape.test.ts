import { test } from "uvu";
import * as assert from "uvu/assert";

import { terminalEscape } from "../../../../src/streams/host/terminal/terminal-escape.js";

const answers = (pieces: readonly string[]): string => {
  let text = "";
  const escape = terminalEscape({
    type: (bytes) => (text += Buffer.from(bytes).toString("latin1")),
    quit: () => (text += "[quit]"),
    reset: () => (text += "[reset]"),
    help: () => (text += "[help]"),
    monitor: (bytes) => (text += `<${Buffer.from(bytes).toString("latin1")}>`),
  });
  for (const piece of pieces) escape(Buffer.from(piece, "latin1"));
  return text;
};

const CASES: readonly (readonly [typed: string, expected: string])[] = [
  ["ls\r", "ls\r"],
  ["\x03\x1b[A", "\x03\x1b[A"],
  ["\x01x", "[quit]"],
  ["\x01X", "[quit]"],
  ["r\x01rR\x01R", "r[reset]R[reset]"],
  ["a\x01\x01b", "a\x01b"],
  ["a\x01hb", "a[help]b"],
  ["a\x01qb", "ab"],
  ["\x01\x01x", "\x01x"],
  ["\x01c\x01cb", "<>b"],
  ["ä\xff\x00", "ä\xff\x00"],
];
for (const [typed, expected] of CASES) {
  test(`given ${JSON.stringify(typed)}, when typed whole or key by key, then it means ${JSON.stringify(expected)}`, () => {
    assert.is(answers([typed]), expected);
    assert.is(answers([...typed]), expected);
  });
}

test("given Ctrl-A C, then what follows is the monitor's up to the next, and the escapes work there too", () => {
  assert.is(answers(["a\x01cinfo\r\x01h\x01Cb"]), "a<><info\r>[help]b");
});

test.run();
