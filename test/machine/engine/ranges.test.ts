/** Ranges of memory say of each access what a look at every byte says. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { Ranges, type MemoryRange } from "../../../src/machine/engine/ranges.js";

const END = 40;
const MOST_BYTES = 9;

/** Apart, next to each other, over each other, one in another, at the beginning, of a byte; in any order. */
const CASES: readonly (readonly MemoryRange[])[] = [
  [],
  [{ address: 0, bytes: 4 }],
  [
    { address: 20, bytes: 4 },
    { address: 8, bytes: 4 },
  ],
  [
    { address: 8, bytes: 4 },
    { address: 12, bytes: 1 },
    { address: 14, bytes: 8 },
  ],
  [
    { address: 10, bytes: 12 },
    { address: 12, bytes: 2 },
    { address: 20, bytes: 6 },
    { address: 31, bytes: 1 },
  ],
];

const bytesOf = ({ address, bytes }: MemoryRange): readonly number[] =>
  Array.from({ length: bytes }, (_, index) => address + index);

for (const given of CASES) {
  const name = given.map(({ address, bytes }) => `${String(address)}+${String(bytes)}`).join(" ") || "none";
  const ranges = new Ranges(given);
  const all = new Set(given.flatMap(bytesOf));

  test(`given ranges ${name}, when accesses are looked up, then they overlap where a byte of theirs is in one`, () => {
    for (let address = 0; address < END; address += 1) {
      for (let bytes = 1; bytes <= MOST_BYTES; bytes += 1) {
        const access = { address, bytes };
        const inside = bytesOf(access).filter((byte) => all.has(byte));
        const where = `${String(address)}+${String(bytes)}`;
        assert.is(ranges.overlaps(address, bytes), inside.length > 0, `${where} overlaps`);
        assert.is(ranges.covers(address, bytes), inside.length === bytes, `${where} is covered`);
        assert.equal([...ranges.parts(address, bytes)].flatMap(bytesOf), inside, `parts of ${where}`);
      }
    }
  });

  test(`given ranges ${name}, when they are listed, then each byte is in one of them, and so is each page`, () => {
    const inOrder = [...all].sort((a, b) => a - b);
    assert.equal(ranges.all.flatMap(bytesOf), inOrder);
    assert.is(ranges.isEmpty, inOrder.length === 0);
    const pageBytes = 4;
    const pages = inOrder.map((byte) => byte - (byte % pageBytes));
    assert.equal(new Set(ranges.pages(pageBytes)), new Set(pages));
  });
}

test.run();
