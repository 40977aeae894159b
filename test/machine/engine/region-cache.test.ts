// Regions at the bounds of their cache. It works on code that an interpreter has run, and is told what is hot.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { STORES_TO_DATA } from "../../../src/machine/engine/decoded/code-pool.js";
import { CODE_PAGE_BYTES, PAGE_BYTES, SLOT_BYTES } from "../../../src/machine/engine/layout.js";
import { MappedCode, MAX_PAGES, RegionPages } from "../../../src/machine/engine/regions/mapped-code.js";
import { HotCode, MAX_DROPS, type HotCodeOptions } from "../../../src/machine/engine/hot-code.js";
import { MAX_COMPILATIONS } from "../../../src/machine/engine/regions/region-tier.js";
import { WasmEngine } from "../../../src/machine/engine/wasm-engine.js";
import { DRAM_BASE } from "../../../src/machine/memory-map.js";
import { Program } from "../../support/assemble.js";
import { BareHart, CODE, DATA, interpreter } from "../../support/engines.js";

const INSTRUCTION_BYTES = 4;
const LOOPS = 16;

/** A loop of one instruction at each of the first places: each is a region by itself. */
const loopsThatRan = (): WasmEngine => {
  const loops = new Program();
  for (let index = 0; index < LOOPS; index += 1) loops.i("jal", { imm: 0 });
  const hart = new BareHart(interpreter).place(CODE, loops);
  for (let index = 0; index < LOOPS; index += 1) {
    hart.set("pc", CODE + BigInt(index * INSTRUCTION_BYTES)).run(1);
  }
  return engineOf(hart);
};

const engineOf = ({ engine }: BareHart): WasmEngine => {
  if (!(engine instanceof WasmEngine)) throw new Error("it is another engine");
  return engine;
};

/** The code page that holds what was decoded at `address`. */
const codePageOf = ({ memory: { view, layout } }: WasmEngine, address: bigint): number => {
  const page = Number(address - BigInt(DRAM_BASE)) / PAGE_BYTES;
  const pages = Array.from({ length: layout.codePages }, (_, codePage) => codePage);
  const found = pages.find((codePage) => view.getUint32(layout.codeOwners + codePage * 4, true) === page + 1);
  assert.type(found, "number");
  return found ?? 0;
};

const slotOf = (engine: WasmEngine, index: number): number =>
  engine.memory.layout.codePool +
  codePageOf(engine, CODE) * CODE_PAGE_BYTES +
  ((index * INSTRUCTION_BYTES) / 2) * SLOT_BYTES;

const cacheOn = (engine: WasmEngine, options: Partial<HotCodeOptions> = {}): HotCode =>
  new HotCode(engine.memory, {
    ...{ batch: 1, maxModules: 1000, maxRegions: 1000, warmth: 1, cooling: 0, speculative: false, traced: false },
    ...{ hotThreshold: 10_000, samples: Infinity, smallInsns: 1 },
    decodeSlot: () => assert.unreachable("all of it was decoded"),
    isProbed: () => false,
    nowMs: () => 0,
    ...options,
  });

test("given as many regions as may be, when one more is compiled, then all others are dropped, and the code still compiles", () => {
  const engine = loopsThatRan();
  const most = 5;
  // No region has the id 0.
  const cache = cacheOn(engine, { maxRegions: most + 1 });
  for (let index = 0; index < most; index += 1) cache.noteHot(slotOf(engine, index));
  assert.is(cache.statistics().live, most);
  for (let index = most; index < 2 * most; index += 1) {
    cache.noteHot(slotOf(engine, index));
    assert.is(cache.statistics().live, index - most + 1);
  }
  assert.is(cache.table.length, most + 1);
  assert.is(cache.statistics().compiled, 2 * most);
});

test("given a page that was dropped as often as may be, when it is hot, then it is compiled; dropped once more, then it is not", () => {
  for (const [drops, compiled] of [
    [MAX_DROPS, 1],
    [MAX_DROPS + 1, 0],
  ] as const) {
    const engine = loopsThatRan();
    const cache = cacheOn(engine);
    for (let count = 0; count < drops; count += 1) cache.drop(codePageOf(engine, CODE));
    cache.noteHot(slotOf(engine, 0));
    assert.is(cache.statistics().compiled, compiled, String(drops));
  }
});

test("given a page that was dropped once more than may be, when it was data and is code again, then it is still not compiled", () => {
  const hart = new BareHart(interpreter)
    .setX(1, CODE + 0x800n)
    .place(CODE, new Program().i("jal", { imm: 0 }))
    .place(DATA, new Program().i("jal", { imm: 0 }));
  const stores = new Program();
  for (let count = 0; count < STORES_TO_DATA; count += 1) stores.i("sd", { rs1: 1 });
  hart.run(1);
  const engine = engineOf(hart);
  const before = codePageOf(engine, CODE);
  const cache = cacheOn(engine);
  for (let drops = 0; drops <= MAX_DROPS; drops += 1) cache.drop(before);
  const OTHER = DATA + BigInt(PAGE_BYTES);
  hart.place(OTHER, stores).set("pc", OTHER).resume(stores.length);
  for (const page of [DATA, CODE]) hart.set("pc", page).resume(1);
  assert.is(codePageOf(engine, CODE), before, "compiled code finds its place again");
  cache.noteHot(slotOf(engine, 0));
  assert.is(cache.statistics().compiled, 0);
});

test("given an entry that is hot again and again, then it is compiled as often as may be, and not once more", () => {
  const engine = loopsThatRan();
  // It stays hot, however often a region was made for it.
  const cache = cacheOn(engine, { cooling: -1 });
  for (let count = 1; count <= MAX_COMPILATIONS; count += 1) {
    cache.noteHot(slotOf(engine, 0));
    assert.is(cache.statistics().compiled, count);
  }
  cache.noteHot(slotOf(engine, 0));
  assert.is(cache.statistics().compiled, MAX_COMPILATIONS);
});

test("given code on one page more than a region may have, when they are asked for, then all but the last are there", () => {
  const hart = new BareHart(interpreter);
  const address = (page: number): bigint => CODE + BigInt(page * PAGE_BYTES);
  for (let page = 0; page <= MAX_PAGES; page += 1) {
    hart.place(address(page), new Program().i("jal", { imm: PAGE_BYTES }));
  }
  hart.run(MAX_PAGES + 1);
  const engine = engineOf(hart);
  const pages = Array.from({ length: MAX_PAGES + 1 }, (_, page) => codePageOf(engine, address(page)));
  const mapped = new MappedCode(engine.memory);
  const region = new RegionPages(pages[0] ?? 0, mapped);
  const taken = pages.map((_, distance) => region.at(distance));
  assert.equal(taken, [...pages.slice(0, MAX_PAGES), undefined]);
  assert.is(region.offsetOf(pages[MAX_PAGES] ?? 0, 0), undefined);
  const other = new RegionPages(pages[0] ?? 0, mapped);
  assert.is(other.at(MAX_PAGES), pages[MAX_PAGES], "it is there for a region that has room");
});

test.run();
