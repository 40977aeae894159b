/** Answers over time as a picture: where marks are, how many there can be, and what is told in words. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { openRecording, timelineSvg, traps, writes } from "../../../../src/index.js";
import { Marks, MAX_MARKS } from "../../../../src/streams/past/pictures/marks.js";
import { MAX_LANES } from "../../../../src/streams/past/pictures/timeline-svg.js";

const rowsAt = (...all: readonly number[]): readonly { ns: bigint }[] => all.map((ns) => ({ ns: BigInt(ns) }));
const marksIn = (svg: string): readonly string[] => svg.match(/<rect class="foldvm-mark"/g) ?? [];

test("given rows / when they are drawn / then each is a mark at its time, and words say how many there are", () => {
  const svg = timelineSvg([{ title: "here", rows: rowsAt(0, 250, 1000) }]);
  const places = [...svg.matchAll(/foldvm-mark" x="([\d.]+)"/g)].map(([, x]) => Number(x));
  assert.equal(places, [200, 380, 920]);
  assert.match(svg, /<desc>From 0 ns to 1 µs of virtual time\. here: 3 rows from 0 ns to 1 µs\.<\/desc>/);
  assert.match(svg, /<title>A recording over time<\/title>/);
  assert.match(svg, /prefers-color-scheme:dark/);
});

test("given questions of several kinds / when they are drawn / then each has its lane and its axis in ns", () => {
  const recording = openRecording("logs/race-fails.fold");
  const svg = timelineSvg(
    [
      { title: "mei", rows: traps(recording, { of: "mei" }), label: () => "interrupt" },
      { title: "link.count", rows: writes(recording, { of: "link.count", from: 8_390_000, until: 8_401_000 }) },
    ],
    { from: 8_390_000n, until: 8_401_000n, title: "Around the lost letter" },
  );
  assert.is(marksIn(svg).length, 3);
  for (const label of ["8.39 ms", "8.4 ms", "Around the lost letter", ">interrupt<"])
    assert.ok(svg.includes(label), label);
});

test("given a lane with as many rows as marks, and one more / when it is drawn / then rows that are close are together", () => {
  const all = Array.from({ length: MAX_MARKS + 1 }, (_, index) => index * 10);
  assert.is(marksIn(timelineSvg([{ title: "a", rows: rowsAt(...all.slice(1)) }])).length, MAX_MARKS);
  const svg = timelineSvg([{ title: "a", rows: rowsAt(...all) }]);
  assert.ok(marksIn(svg).length <= MAX_MARKS);
  assert.match(svg, new RegExp(`a: ${String(MAX_MARKS + 1)} rows from 0 ns to`));
  assert.match(svg, /<title>0 ns: 2 rows<\/title>/);
});

test("given a million rows in any order / when they are marks / then these are few, and all rows are counted", () => {
  const [forth, back] = [new Marks(), new Marks()];
  for (let index = 0; index < 1_000_000; index += 1) {
    forth.add({ ns: BigInt(index), label: "" });
    back.add({ ns: BigInt(999_999 - index), label: "" });
  }
  assert.ok(forth.all.length <= MAX_MARKS);
  assert.equal(forth.all, back.all);
  assert.is(
    forth.all.reduce((sum, { count }) => sum + count, 0),
    1_000_000,
  );
});

test("given a guest's text with markup / when it is a label / then there is no element of it", () => {
  const rows = [{ ns: 5n, text: "<script>alert(1)</script>" }];
  const label = ({ text }: { readonly text: string }): string => text;
  const svg = timelineSvg([{ title: `"><script>`, rows, label } as never], { title: "</title><script>" });
  assert.not.match(svg, /<script/);
  assert.match(svg, />&lt;script&gt;alert\(1\)&lt;\/script&gt;</);
});

test("given one lane beyond all / when they are drawn / then that is refused", () => {
  const lanes = Array.from({ length: MAX_LANES + 1 }, () => ({ title: "", rows: [] }));
  assert.ok(timelineSvg(lanes.slice(1)));
  assert.throws(() => timelineSvg(lanes), /65 lanes; at most 64/);
});

test("given no rows, or a span of nothing / when they are drawn / then it is a picture of nothing", () => {
  assert.match(timelineSvg([{ title: "a", rows: [] }]), /a: nothing\./);
  assert.match(timelineSvg([{ title: "a", rows: rowsAt(7) }]), /a: one row at 7 ns\./);
});

test.run();
