/** More address spaces than there are ids for: an id that is used again must find nothing of its last owner. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { LAST_CONTEXT } from "../../../src/machine/engine/layout.js";
import { Program } from "../../support/assemble.js";
import { BareHart, CODE, DATA, onEveryEngine } from "../../support/engines.js";
import { ALL, entry, leafAddress, MAPPED, pageIn, PTE, rootAddress, SATP } from "../../support/sv39.js";

/** Behind the three tables that `pageIn` makes: a second root, middle and leaves. */
const OTHER_ROOT = rootAddress(0n) + 0x3000n;
const OTHER_MIDDLE = OTHER_ROOT + 0x1000n;
const OTHER_LEAVES = OTHER_ROOT + 0x2000n;
const OTHER_SATP = (8n << 60n) | (OTHER_ROOT >> 12n);
const [OURS, THEIRS] = [DATA, DATA + 0x1000n];
const ASID_SHIFT = 44n;
const PAGES = 512n;

/**
 * All 512 pages from `MAPPED` on lead to `OURS`, in the other tables to `THEIRS`; code lies at the same place in both.
 */
function twoTables(hart: BareHart): BareHart {
  pageIn(hart);
  const index = (virtual: bigint, shift: bigint): bigint => ((virtual >> shift) & 0x1ffn) * 8n;
  hart.placeDouble(OTHER_ROOT + index(CODE, 30n), entry(0x8000_0000n, ALL));
  hart.placeDouble(OTHER_ROOT + index(MAPPED, 30n), entry(OTHER_MIDDLE, PTE.V));
  hart.placeDouble(OTHER_MIDDLE + index(MAPPED, 21n), entry(OTHER_LEAVES, PTE.V));
  for (let page = 0n; page < PAGES; page += 1n) {
    hart.placeDouble(leafAddress(MAPPED + page * 0x1000n), entry(OURS, ALL));
    hart.placeDouble(OTHER_LEAVES + page * 8n, entry(THEIRS, ALL));
  }
  return hart.placeDouble(OURS, 1n).placeDouble(THEIRS, 2n);
}

onEveryEngine(
  "given translations of one address space, when more others follow than there are ids, then none of them finds these",
  (engine) => {
    const hart = twoTables(new BareHart(engine));
    hart.place(CODE, new Program().i("csrrw", { rs1: 1, imm: 0x180 }).i("ld", { rd: 3, rs1: 2 }));
    hart.run(0);
    const load = (satp: bigint, page: bigint): bigint => {
      hart
        .setX(1, satp)
        .setX(2, MAPPED + page * 0x1000n)
        .set("pc", CODE)
        .resume(2);
      return hart.x(3);
    };
    for (let page = 0n; page < PAGES; page += 1n) assert.is(load(SATP, page), 1n);
    // Each looks at a page that the first one has looked at, and no other since. Loads and fetches have an id each.
    const others = BigInt(LAST_CONTEXT) + 1n;
    for (let space = 0n; space < others; space += 1n)
      assert.is(load(OTHER_SATP | ((space + 1n) << ASID_SHIFT), space % PAGES), 2n, `space ${String(space)}`);
    assert.is(load(SATP, 0n), 1n);
  },
);

test.run();
