/** States cut a recording into segments, and rule some out: the rows are those of a recording that has none. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { visits, writes, type Query, type Write } from "../../../../src/streams/past/query/index.js";
import type { Recording } from "../../../../src/streams/past/recording.js";
import { golden } from "../../../support/indexed-recordings.js";

const DRAM_BASE = 0x8000_0000;
const PAGE_BYTES = 4096;
const PAGES = 256;
const LINE_BYTES = 256;
const ROWS = 50;
const LINES = 6;

/** Where rows are, right behind them, and here and there. */
function withStates(name: string, rows: readonly { readonly icount: number }[]): Recording {
  const recording = golden(name);
  const { instructions } = recording.info;
  const step = Math.ceil(rows.length / ROWS);
  for (const { icount } of rows.filter((_, index) => index % step === 0)) {
    recording.at(icount);
    if (icount < instructions) recording.at(icount + 1);
  }
  for (let icount = 0; icount <= instructions; icount += 5000) recording.at(icount);
  return recording;
}

const same = (found: Query<object>, expected: Query<object>, where: string): void => {
  const rows = expected.toArray();
  assert.equal(found.toArray(), rows, where);
  assert.equal(found.last(), rows.at(-1), `${where}, last`);
  assert.equal(found.first(), rows[0], `${where}, first`);
};

for (const name of ["session", "virtio"]) {
  const plain = golden(name);
  const all = writes(plain, { of: { address: DRAM_BASE, bytes: PAGES * PAGE_BYTES } }).toArray();
  const lineOf = ({ address }: Write): number => address - (address % LINE_BYTES);

  test(`given states where rows of ${name} are, when what was written is asked for, then the rows are those without`, () => {
    const recording = withStates(name, all);
    const places = [...new Set(all.map(lineOf))].slice(0, LINES);
    assert.is(places.length, LINES);
    for (const address of places) {
      const of = { address, bytes: LINE_BYTES };
      same(writes(recording, { of }), writes(plain, { of }), `${name}, ${String(address)}`);
    }
  });

  test(`given states where rows of ${name} are, when it is asked in parts, then each row is in one of them`, () => {
    const { instructions } = plain.info;
    const entry = visits(plain, { of: DRAM_BASE }).first()?.icount ?? 0;
    const [middle] = all.slice(all.length / 2);
    assert.ok(middle);
    const of = { address: lineOf(middle), bytes: LINE_BYTES };
    const rows = all.filter(({ address, bytes }) => address < of.address + of.bytes && address + bytes > of.address);
    const recording = withStates(name, rows);
    for (const cut of [entry, middle.icount, middle.icount + 1, instructions]) {
      const parts = [{ until: cut }, { from: cut }];
      const found = parts.flatMap((part) => [...writes(recording, { of, ...part }).toArray()]);
      assert.equal(found, rows, `cut at ${String(cut)}`);
    }
  });
}

test.run();
