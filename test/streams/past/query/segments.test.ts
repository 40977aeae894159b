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

/** Where rows are, right behind them, and here and there. */
function withStates(name: string, rows: readonly { readonly icount: number }[]): Recording {
  const recording = golden(name);
  const { instructions } = recording.info;
  const step = Math.ceil(rows.length / 100);
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
  test(`given states where rows of ${name} are, when what was written is asked for, then the rows are those without`, () => {
    const plain = golden(name);
    const all = writes(plain, { of: { address: DRAM_BASE, bytes: PAGES * PAGE_BYTES } }).toArray();
    const recording = withStates(name, all);
    const lines = all.map(({ address }: Write) => address - (address % LINE_BYTES));
    const places = [...new Set(lines)].slice(0, 12);
    assert.ok(places.length > 5, String(places.length));
    for (const address of places) {
      const of = { address, bytes: LINE_BYTES };
      same(writes(recording, { of }), writes(plain, { of }), `${name}, ${String(address)}`);
    }
  });

  test(`given states where rows of ${name} are, when it is asked in parts, then each row is in one of them`, () => {
    const plain = golden(name);
    const { instructions } = plain.info;
    const entry = visits(plain, { of: DRAM_BASE }).first()?.icount ?? 0;
    const of = { address: DRAM_BASE, bytes: PAGES * PAGE_BYTES };
    const all = writes(plain, { of }).toArray();
    const recording = withStates(name, all);
    const middle = all[Math.floor(all.length / 2)]?.icount ?? 0;
    for (const cut of [entry, middle, middle + 1, instructions]) {
      const parts = [{ until: cut }, { from: cut }];
      const rows = parts.flatMap((part) => [...writes(recording, { of, ...part }).toArray()]);
      assert.equal(rows, all, `cut at ${String(cut)}`);
    }
  });
}

test.run();
