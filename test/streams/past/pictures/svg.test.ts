/** What a guest says is text in a picture, whatever it says. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { element, escaped, shortened } from "../../../../src/streams/past/pictures/svg.js";

test("given a text with markup / when it is in an element or an attribute / then it is text there", () => {
  const text = `</text><script>alert("1")</script>&'`;
  const safe = "&lt;/text&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;";
  assert.is(escaped(text), safe);
  assert.is(element("a", { b: text }, escaped(text)), `<a b="${safe}">${safe}</a>`);
});

test("given what XML does not allow, ends of lines or turned text / when it is escaped / then it is replaced", () => {
  for (const letter of ["\0", "\x1b", "\n", "\r", "\ud800", "\udc00", "\uffff", "\u202e", "\u2066"])
    assert.is(escaped(`a${letter}b`), "a\ufffdb", JSON.stringify(letter));
  assert.is(escaped("µ…\u{1f600}"), "µ…\u{1f600}");
});

test("given a text of as many characters as fit, and of one more / when it is shortened / then the longer one ends early", () => {
  assert.is(shortened("abcd", 4), "abcd");
  assert.is(shortened("abcde", 4), "abc…");
  assert.is(shortened("\u{1f600}".repeat(5), 4), `${"\u{1f600}".repeat(3)}…`);
});

test.run();
