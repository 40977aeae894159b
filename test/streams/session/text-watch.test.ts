import { test } from "uvu";
import * as assert from "uvu/assert";

import { textWatch } from "../../../src/streams/session/text-watch.js";

const foundIn = (texts: Record<string, string>, pieces: readonly string[]): string[] => {
  const found: string[] = [];
  const watch = textWatch(texts, (name) => found.push(name));
  for (const piece of pieces) watch(new TextEncoder().encode(piece));
  return found;
};

test("given a text in any pieces, when it is complete, then it is found once", () => {
  const text = "login: ";
  for (let cut = 0; cut <= text.length; cut++) {
    assert.equal(foundIn({ a: text }, ["xlogin", text.slice(0, cut), text.slice(cut), text]), ["a"]);
  }
  assert.equal(foundIn({ a: text }, Array.from("aloginlogin: login: ")), ["a"]);
});

test("given texts outside ASCII, when they are printed as UTF-8, then they are found", () => {
  assert.equal(foundIn({ a: "größer ✓" }, ["ist größer", " ✓"]), ["a"]);
});

test("given two texts, when both come, then the first to end counts, and the first named of two that end together", () => {
  assert.equal(foundIn({ a: "late", b: "early" }, ["early late"]), ["b"]);
  assert.equal(foundIn({ fail: "an error", expect: "error" }, ["an error"]), ["fail"]);
});

test("given no text, when anything comes, then nothing is found", () => {
  assert.equal(foundIn({}, ["x"]), []);
  assert.equal(foundIn({ a: "" }, ["x"]), []);
});

test.run();
