// All that a page table maps: the bounds of it. That it is what a hart finds is compared where cores are written.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { mappedBy, MAX_MAPPINGS, MAX_TABLES } from "../../../src/machine/hart/mapped.js";

const SV39 = 8n << 60n;
const page = (word: (index: number) => bigint): Uint8Array => {
  const bytes = new Uint8Array(4096);
  for (let index = 0; index < 512; index += 1) new DataView(bytes.buffer).setBigUint64(8 * index, word(index), true);
  return bytes;
};
const pointer = (to: number): bigint => (BigInt(to) << 10n) | 1n;
const leaf = (to: number): bigint => (BigInt(to) << 10n) | 0xcfn;

test("given addresses that are physical, then nothing is mapped", () => {
  assert.equal(
    mappedBy(0n, () => page(() => leaf(0))),
    { mappings: [], isWhole: true },
  );
});

test("given pages side by side, then they are one mapping, and the upper half of the addresses comes first", () => {
  const tables = new Map([
    [0n, page((index) => (index === 0 || index === 511 ? pointer(1) : 0n))],
    [0x1000n, page((index) => (index < 2 ? pointer(2) : index === 2 ? leaf(512) : 0n))],
    [0x2000n, page((index) => leaf(index))],
  ]);
  const { mappings, isWhole } = mappedBy(SV39, (at) => tables.get(at));
  const half = (base: bigint): object[] => [
    { virtual: base, physical: 0n, bytes: 0x20_0000n },
    { virtual: base + 0x20_0000n, physical: 0n, bytes: 0x20_0000n },
    { virtual: base + 0x40_0000n, physical: 0x20_0000n, bytes: 0x20_0000n },
  ];
  const joined = (base: bigint): object[] => [
    half(base)[0] as object,
    { virtual: base + 0x20_0000n, physical: 0n, bytes: 0x40_0000n },
  ];
  assert.equal(mappings, [...joined(0xffff_ffff_c000_0000n), ...joined(0n)]);
  assert.is(isWhole, true);
});

test("given one table more than the bound, then what is beyond is left out, and told", () => {
  let tables = 0;
  const count = (most: number) => (): Uint8Array => {
    tables += 1;
    return page((index) => (index < most ? pointer(1) : 0n));
  };
  // 1 + 63 + 63 * 63 = 4033 tables, and a few more with 64: 1 + 64 + 64 * 64 = 4161.
  assert.is(mappedBy(SV39, count(63)).isWhole, true);
  assert.ok(tables < MAX_TABLES);
  assert.is(mappedBy(SV39, count(64)).isWhole, false);
});

test("given one mapping more than the bound, then it is left out, and told", () => {
  const scattered = page((index) => leaf(2 * index));
  const mapped = (tables: number, more: number): boolean => {
    const pages = new Map([
      [0n, page((index) => (index === 0 ? pointer(1) : 0n))],
      [0x1000n, page((index) => (index < tables ? pointer(2) : index === tables ? pointer(3) : 0n))],
      [0x2000n, scattered],
      [0x3000n, page((index) => (index < more ? leaf(2 * index) : 0n))],
    ]);
    const { mappings, isWhole } = mappedBy(SV39, (at) => pages.get(at));
    assert.is(mappings.length, Math.min(tables * 512 + more, MAX_MAPPINGS));
    return isWhole;
  };
  const tables = MAX_MAPPINGS / 512;
  assert.equal([mapped(tables, 0), mapped(tables, 1)], [true, false]);
});

test.run();
