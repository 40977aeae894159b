import { test } from "uvu";
import * as assert from "uvu/assert";

import { PRIVILEGE } from "../../../src/machine/hart/mstatus.js";
import { physicalAddress } from "../../../src/machine/hart/peek.js";

const ROOT = 0x8010_0000n;
const MIDDLE = 0x8010_1000n;
const LEAVES = 0x8010_2000n;
const POINTER = 1n;
/** Without A, which a look must not need: V, R and X. */
const LEAF = 0b1011n;
const entry = (target: bigint, flags: bigint): bigint => ((target >> 12n) << 10n) | flags;

const TABLES = new Map<bigint, bigint>([
  [ROOT + 8n, entry(0x4000_0000n, LEAF)],
  [ROOT + 16n, entry(MIDDLE, POINTER)],
  [ROOT + 511n * 8n, entry(MIDDLE, POINTER)],
  [MIDDLE, entry(0x8020_0000n, LEAF)],
  [MIDDLE + 8n, entry(LEAVES, POINTER)],
  [LEAVES + 24n, entry(0x8765_4000n, LEAF)],
  [LEAVES + 32n, entry(0x8765_4000n, POINTER)],
]);
const satp = (8n << 60n) | (ROOT >> 12n);
const look = (virtual: bigint, privilege: bigint = PRIVILEGE.supervisor, space = satp): bigint | undefined =>
  physicalAddress({ privilege, satp: space }, virtual, (at) => TABLES.get(at));

test("given leaves at each level, when looked through, then the offset is that of the page's size", () => {
  assert.is(look(0x4123_4567n), 0x4123_4567n);
  assert.is(look(0x8012_3456n), 0x8032_3456n);
  assert.is(look(0x8020_3abcn), 0x8765_4abcn);
  assert.is(look(0xffff_ffff_c020_3abcn), 0x8765_4abcn);
});

test("given nothing there, when looked, then it is undefined: no entry, a pointer at the last level, no table in memory", () => {
  for (const virtual of [0n, 0x8020_4000n, 0x8040_0000n]) assert.is(look(virtual), undefined);
});

test("given an address whose upper bits are not bit 38, when looked, then nothing is there", () => {
  for (const virtual of [1n << 39n, 0x8020_3abcn | (1n << 63n), 0xffff_ffbf_c020_3abcn])
    assert.is(look(virtual), undefined);
});

test("given an entry that no hart goes through, when looked, then nothing is there: reserved bits, W without R, a pointer with A, a misaligned leaf", () => {
  const pointer = entry(MIDDLE, POINTER);
  for (const root of [pointer | (1n << 54n), pointer | 4n, pointer | 64n, entry(0x4020_0000n, LEAF)]) {
    const tables = new Map(TABLES).set(ROOT + 16n, root);
    const space = { privilege: PRIVILEGE.supervisor, satp };
    assert.is(
      physicalAddress(space, 0x8012_3456n, (at) => tables.get(at)),
      undefined,
    );
  }
});

test("given machine mode or no paging, when looked, then the address is physical", () => {
  assert.is(look(0x8020_3abcn, PRIVILEGE.machine), 0x8020_3abcn);
  assert.is(look(0x8020_3abcn, PRIVILEGE.user, 0n), 0x8020_3abcn);
});

test.run();
