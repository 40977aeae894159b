/** A recording and its branches as a picture. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { branchesSvg, type BranchLine } from "../../../../src/index.js";
import { MAX_DEPTH, MAX_LINES } from "../../../../src/streams/past/pictures/branches-svg.js";

const line = (title: string, branches: readonly BranchLine[] = []): BranchLine => ({
  title,
  from: 0,
  until: 10,
  branches,
});
const linesIn = (svg: string): readonly string[] => svg.match(/<line class="foldvm-mark"/g) ?? [];

test("given branches of branches / when they are drawn / then each begins at its instruction, and words tell it", () => {
  const leaf = { title: "c.fold", from: 75, label: "drop seq:5" };
  const svg = branchesSvg({
    title: "a.fold",
    from: 0,
    until: 100,
    branches: [{ title: "b.fold", from: 50, until: 80, branches: [leaf] }],
  });
  assert.equal(
    [...svg.matchAll(/x1="(\d+)" x2="(\d+)"/g)].map(([, from, until]) => [from, until]),
    [
      ["24", "936"],
      ["480", "754"],
      ["708", "936"],
    ],
  );
  assert.match(
    svg,
    /a\.fold: from instruction 0 to 100\. b\.fold: .* c\.fold: from instruction 75, drop seq:5\.<\/desc>/,
  );
});

test("given one branch beyond what is drawn, in breadth or depth / when they are drawn / then words say that there are more", () => {
  const many = Array.from({ length: MAX_LINES }, () => line("b"));
  assert.not.match(branchesSvg(line("a", many.slice(1))), /There are more/);
  const broad = branchesSvg(line("a", many));
  assert.is(linesIn(broad).length, MAX_LINES);
  assert.match(broad, /There are more\.<\/desc>/);
  const deep = (depth: number): BranchLine => (depth === 0 ? line("leaf") : line("b", [deep(depth - 1)]));
  assert.not.match(branchesSvg(deep(MAX_DEPTH - 1)), /There are more/);
  assert.match(branchesSvg(deep(MAX_DEPTH)), /There are more/);
});

test("given names and changes with markup / when they are drawn / then there is no element of them", () => {
  const svg = branchesSvg({ title: "<b>.fold", from: 0, label: `"><script>` });
  assert.not.match(svg, /<script|<b>/);
});

test("given what is no branch, wherever it is / when it is to be drawn / then it is refused by name", () => {
  assert.throws(() => branchesSvg({ title: "a", from: 0, branches: [{ title: "b" } as never] }), /from/);
});

test.run();
