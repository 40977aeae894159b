import { readFileSync, renameSync } from "node:fs";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { reasonOf } from "../../../src/streams/host/reason.js";

const faultOf = (call: () => unknown): unknown => {
  try {
    return call();
  } catch (fault) {
    return fault;
  }
};

for (const [what, call, reason] of [
  ["a file that is not there", () => readFileSync("it's, none.txt"), "no such file or directory"],
  ["a folder", () => readFileSync("/"), "illegal operation on a directory"],
  [
    "two paths",
    () => {
      renameSync("none-a.txt", "none-b.txt");
    },
    "no such file or directory",
  ],
] as const) {
  test(`given a call with ${what}, when the host refuses it, then the reason has no path and no code`, () => {
    assert.is(reasonOf(faultOf(call)), reason);
  });
}

test("given an error that is not the host's, when its reason is asked for, then it is the message", () => {
  assert.is(reasonOf(new Error("EX: it is, open 'x'")), "EX: it is, open 'x'");
});

test.run();
