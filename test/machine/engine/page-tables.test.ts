/**
 * Page tables that the guest changes without a fence: what had been derived from the old entry is used no more, at
 * whatever level it stood and however many addresses went through it.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { RAM_BASE } from "../../../src/machine/engine/layout.js";
import { Program } from "../../support/assemble.js";
import { BareHart, CODE, DATA, onEveryEngine } from "../../support/engines.js";
import { ALL, entry, leafAddress, map, MAPPED, middleAddress, pageIn, PTE, rootAddress } from "../../support/sv39.js";

const PAGE = 0x1000n;
const OLD = DATA;
const NEW = DATA + 0x2000n;
const LEAVES = leafAddress(MAPPED);
const MIDDLE = middleAddress(MAPPED);
/** More tables, where nothing else lies. */
const OTHER = BigInt(RAM_BASE) + 0x3_0000n;
const SECOND_2M = MAPPED + (1n << 21n);
const SSTATUS = 0x100;
const SUM_SHIFT = 18;

const load = new Program().i("ld", { rd: 3, rs1: 1 });
const store = new Program().i("sd", { rs1: 1, rs2: 2 });

class PagedHart {
  readonly hart: BareHart;

  constructor(...[engine]: ConstructorParameters<typeof BareHart>) {
    this.hart = pageIn(new BareHart(engine)).placeDouble(OLD, 1n).placeDouble(NEW, 2n);
    // Programs take turns by place, not by being written: a write from outside would void what is to be tested.
    this.hart.place(CODE, load).place(CODE + 0x100n, store);
    this.hart.run(0);
  }

  private at(pc: bigint, address: bigint): bigint {
    this.hart.setX(1, address).set("pc", pc).resume(1);
    assert.is(this.hart.pc, pc + 4n);
    return this.hart.x(3);
  }

  /** Twice, as the writes: what is derived from a TLB's entry comes with the second. */
  read(address: bigint): bigint {
    this.at(CODE, address);
    return this.at(CODE, address);
  }

  write(address: bigint, value: bigint): void {
    this.hart.setX(2, value);
    this.at(CODE + 0x100n, address);
    this.at(CODE + 0x100n, address);
  }
}

onEveryEngine(
  "given a leaf that loads and stores used, when it is stored to, then both find the new page",
  (engine) => {
    const paged = new PagedHart(engine);
    map(paged.hart, MAPPED, OLD);
    map(paged.hart, MAPPED + PAGE, OLD);
    for (const address of [MAPPED, MAPPED + PAGE]) {
      assert.is(paged.read(address), 1n);
      paged.write(address, 1n);
    }
    paged.write(leafAddress(MAPPED), entry(NEW, ALL));
    assert.is(paged.read(MAPPED), 2n);
    paged.write(MAPPED, 3n);
    assert.is(paged.hart.double(NEW), 3n);
    assert.is(paged.read(MAPPED + PAGE), 1n);
  },
);

onEveryEngine("given one leaf table for two ranges, when its leaf is stored to, then both ranges change", (engine) => {
  const paged = new PagedHart(engine);
  paged.hart.placeDouble(middleAddress(SECOND_2M), entry(LEAVES, PTE.V));
  map(paged.hart, MAPPED, OLD);
  assert.equal([paged.read(MAPPED), paged.read(SECOND_2M)], [1n, 1n]);
  paged.write(leafAddress(MAPPED), entry(NEW, ALL));
  assert.equal([paged.read(MAPPED), paged.read(SECOND_2M)], [2n, 2n]);
});

onEveryEngine(
  "given entries of the upper levels, when they are stored to, then all below them is looked up anew",
  (engine) => {
    for (const address of [middleAddress(MAPPED), rootAddress(MAPPED)]) {
      const paged = new PagedHart(engine);
      const isRoot = address === rootAddress(MAPPED);
      // Another way to the same virtual addresses, by one or by two tables.
      const leaves = isRoot ? OTHER + PAGE : OTHER;
      if (isRoot) paged.hart.placeDouble(OTHER, entry(leaves, PTE.V));
      for (const page of [0n, 1n, 511n]) {
        map(paged.hart, MAPPED + page * PAGE, OLD);
        paged.hart.placeDouble(leaves + page * 8n, entry(NEW, ALL));
      }
      const seen = (): bigint[] => [0n, 1n, 511n].map((page) => paged.read(MAPPED + page * PAGE));
      assert.equal(seen(), [1n, 1n, 1n]);
      paged.write(address, entry(OTHER, PTE.V));
      assert.equal(seen(), [2n, 2n, 2n]);
    }
  },
);

onEveryEngine("given a table that is walked at two levels, when it is stored to, then both are noticed", (engine) => {
  const paged = new PagedHart(engine);
  const base = BigInt(RAM_BASE);
  const asLeaf = SECOND_2M + 2n * PAGE;
  const asMegapage = MAPPED + (2n << 21n) + (NEW - base);
  paged.hart.placeDouble(middleAddress(SECOND_2M), entry(MIDDLE, PTE.V));
  paged.hart.placeDouble(MIDDLE + 16n, entry(base, ALL)).placeDouble(base, 7n);
  assert.equal([paged.read(asLeaf), paged.read(asMegapage)], [7n, 2n]);
  paged.write(MIDDLE + 16n, entry(OLD, ALL));
  assert.is(paged.read(asLeaf), 1n);
  paged.hart.setX(1, asMegapage).set("pc", CODE).set("stvec", CODE).resume(1);
  assert.is.not(paged.hart.field("mcause"), 0n, "a megapage that is not aligned");
});

onEveryEngine(
  "given a translation of two address spaces, when its leaf is stored to, then neither has it any more",
  (engine) => {
    const paged = new PagedHart(engine);
    const toggle = new Program().i("csrrw", { rs1: 5, imm: SSTATUS });
    paged.hart.place(CODE + 0x200n, toggle);
    map(paged.hart, MAPPED, OLD);
    paged.hart.run(0);
    const withSum = (sum: bigint): bigint => {
      paged.hart
        .setX(5, sum << BigInt(SUM_SHIFT))
        .set("pc", CODE + 0x200n)
        .resume(1);
      return paged.read(MAPPED);
    };
    assert.equal([withSum(0n), withSum(1n)], [1n, 1n]);
    paged.write(leafAddress(MAPPED), entry(NEW, ALL));
    assert.equal([withSum(0n), withSum(1n)], [2n, 2n]);
  },
);

onEveryEngine("given code that remaps its own page, when it goes on, then by the new page's code", (engine) => {
  const paged = new PagedHart(engine);
  map(paged.hart, MAPPED, OLD);
  const code = (imm: number): Program => new Program().i("sd", { rs1: 1, rs2: 2 }).i("addi", { rd: 3, imm });
  paged.hart.place(OLD, code(10)).place(NEW, code(20));
  paged.hart.setX(1, leafAddress(MAPPED)).setX(2, entry(NEW, ALL)).set("pc", MAPPED).resume(2);
  assert.is(paged.hart.x(3), 20n);
});

onEveryEngine("given a store over two entries, when it changes the second, then that is noticed", (engine) => {
  const paged = new PagedHart(engine);
  map(paged.hart, MAPPED, NEW);
  map(paged.hart, MAPPED + PAGE, OLD);
  assert.equal([paged.read(MAPPED), paged.read(MAPPED + PAGE)], [2n, 1n]);
  // The upper half of the one as it is, and the lower half of the other.
  paged.write(leafAddress(MAPPED) + 4n, (entry(NEW, ALL) >> 32n) | (entry(NEW, ALL) << 32n));
  assert.is(paged.read(MAPPED + PAGE), 2n);
});

onEveryEngine(
  "given a page that was stored to before it was a table, when it is stored to again, then that is noticed",
  (engine) => {
    const paged = new PagedHart(engine);
    // By two addresses, each of which may be written without notice until the table is walked.
    const alias = MAPPED + 3n * PAGE;
    map(paged.hart, alias, OTHER);
    paged.write(OTHER, entry(OLD, ALL));
    paged.write(alias, entry(OLD, ALL));
    paged.write(middleAddress(SECOND_2M), entry(OTHER, PTE.V));
    assert.is(paged.read(SECOND_2M), 1n);
    paged.write(alias, entry(NEW, ALL));
    assert.is(paged.read(SECOND_2M), 2n);
    paged.write(OTHER, entry(OLD, ALL));
    assert.is(paged.read(SECOND_2M), 1n);
  },
);

onEveryEngine(
  "given a page that one entry led to and now another does, when it is a table, then stores to it are noticed",
  (engine) => {
    const paged = new PagedHart(engine);
    // They lie at the same place in a TLB.
    const inItsPlace = OTHER + 5n * PAGE;
    const alias = MAPPED + inItsPlace - BigInt(RAM_BASE);
    map(paged.hart, alias, OTHER);
    paged.write(alias, entry(OLD, ALL));
    paged.write(inItsPlace, 2n);
    paged.write(OTHER, entry(OLD, ALL));
    paged.write(middleAddress(SECOND_2M), entry(OTHER, PTE.V));
    assert.is(paged.read(SECOND_2M), 1n);
    paged.write(OTHER, entry(NEW, ALL));
    assert.is(paged.read(SECOND_2M), 2n);
    paged.write(alias, entry(OLD, ALL));
    assert.is(paged.read(SECOND_2M), 1n);
  },
);

onEveryEngine(
  "given a table that was emptied and held data, when it is a table again, then stores to it are noticed again",
  (engine) => {
    const paged = new PagedHart(engine);
    for (const value of [OLD, NEW, OLD]) {
      paged.write(leafAddress(MAPPED), entry(value, ALL));
      assert.is(paged.read(MAPPED), value === OLD ? 1n : 2n);
      for (let word = 0n; word < 4n; word += 1n) paged.write(LEAVES + word * 8n, word);
    }
  },
);

test.run();
