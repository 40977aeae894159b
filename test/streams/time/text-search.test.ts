import { test } from "uvu";
import * as assert from "uvu/assert";

import { TextSearch } from "../../../src/streams/time/text-search.js";
import { freshSeed, seededRandom } from "../../support/seeded-random.js";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test("given texts of few letters cut at random, when they are searched, then each is found where indexOf finds it", () => {
  const seed = freshSeed();
  const random = seededRandom(seed);
  const letters = (length: number): string => Array.from({ length }, () => "ab"[random(2)]).join("");
  for (let turn = 0; turn < 2000; turn += 1) {
    const [wanted, text] = [letters(1 + random(6)), letters(random(40))];
    const search = new TextSearch(wanted);
    let found = -1;
    for (let start = 0; start < text.length && found < 0;) {
      const piece = text.slice(start, start + 1 + random(7));
      const end = search.endIn(bytesOf(piece));
      if (end !== undefined) found = start + end - wanted.length;
      start += piece.length;
    }
    assert.is(found, text.indexOf(wanted), `${wanted} in ${text}, FOLDVM_SEED=${String(seed)}`);
  }
});

test("given a text that was found, when it is searched on, then it is found again only as a whole", () => {
  const search = new TextSearch("aa");
  assert.is(search.endIn(bytesOf("aaa")), 2);
  assert.is(search.endIn(bytesOf("a")), undefined);
  assert.is(search.endIn(bytesOf("a")), 1);
});

test("given no text, then it is found at once", () => {
  assert.is(new TextSearch("").endIn(bytesOf("a")), 0);
});

test.run();
