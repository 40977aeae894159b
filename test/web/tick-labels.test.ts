// The words beside ticks: none covers another, and the last one's are seen at the edge, too.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { labelsOf } from "../../web/ui/timeline/tick-labels.js";

const LETTER = 5;

test("given ticks with room, then each has its words right of it, up to the next one", () => {
  const labels = labelsOf([tick(10, "one"), tick(100, "two")], 400, LETTER);
  assert.equal(labels, [
    { text: "one", from: 14, until: 100 },
    { text: "two", from: 104, until: 400 },
  ]);
});

test("given a last tick at the right edge, then its words are left of it, and those before it end there", () => {
  const labels = labelsOf([tick(10, "one"), tick(398, "FAIL")], 400, LETTER);
  assert.equal(labels, [
    { text: "one", from: 14, until: 370 },
    { text: "FAIL", from: 374, until: 402 },
  ]);
});

test("given a last tick at the edge right behind another, then its words have what room there is", () => {
  const labels = labelsOf([tick(380, "one"), tick(398, "FAIL")], 400, LETTER);
  assert.equal(
    labels.map(({ from, until }) => [from, until]),
    [
      [384, 398],
      [402, 400],
    ],
  );
});

test("given no ticks, then there are no words", () => {
  assert.equal(labelsOf([], 400, LETTER), []);
});

const tick = (x: number, text: string): { x: number; text: string } => ({ x, text });

test.run();
