/** A page that was executed and is data now: its stores are quick, and it is code again as soon as it is executed. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MOST_STORES_TO_DATA, STORES_TO_DATA } from "../../../src/machine/engine/decoded/code-pool.js";
import type { EngineStatistics } from "../../../src/machine/engine/engine-statistics.js";
import { WasmEngine } from "../../../src/machine/engine/wasm-engine.js";
import { Program } from "../../support/assemble.js";
import { encode } from "../../support/encode.js";
import { BareHart, CODE, DATA, interpreter, onEveryEngine } from "../../support/engines.js";

/** A page with a function, and data beside it. */
const PAGE = DATA;
const BESIDE = PAGE + 0x800n;
const OTHER_PAGE = DATA + 0x2000n;
const add = (imm: number): number => encode("addi", { rd: 3, rs1: 3, imm });

const statistics = ({ engine }: BareHart): EngineStatistics => {
  if (!(engine instanceof WasmEngine)) throw new Error("it is another engine");
  return engine.statistics();
};

/** Without jumps, so each store is an instruction of this page. */
const stores = (count: number, imm = 0): Program => {
  const program = new Program();
  for (let index = 0; index < count; index += 1) program.i("sd", { rs1: 1, rs2: 2, imm });
  return program;
};

/** Executes the first instruction of a page, once. */
const visit = (hart: BareHart, page: bigint): BareHart => hart.set("pc", page).resume(1) && hart;

const storeFrom = (hart: BareHart, count: number, page = CODE): BareHart => hart.set("pc", page).resume(count) && hart;

const hartWith = (engine = interpreter): BareHart => {
  const hart = new BareHart(engine)
    .setX(1, BESIDE)
    .place(PAGE, new Program().word(add(1)))
    .place(CODE, stores(2 * MOST_STORES_TO_DATA));
  hart.run(0);
  return hart;
};

test("given a page that was executed, when another page stores to it again and again, then only the first stores are slow", () => {
  const hart = visit(hartWith(), PAGE);
  storeFrom(hart, STORES_TO_DATA - 1);
  assert.is(statistics(hart).codeToData, 0);
  storeFrom(hart, MOST_STORES_TO_DATA);
  assert.is(statistics(hart).codeToData, 1);
  assert.is(statistics(hart).slowStores, STORES_TO_DATA);
});

test("given a page that stores to itself, then it stays a code page, however often", () => {
  const hart = hartWith().place(PAGE, stores(2 * MOST_STORES_TO_DATA));
  storeFrom(hart, 2 * MOST_STORES_TO_DATA, PAGE);
  assert.is(statistics(hart).codeToData, 0);
  assert.is(statistics(hart).slowStores, 2 * MOST_STORES_TO_DATA);
});

test("given a page that is executed in between, then it takes twice as many stores each time, but not more than the most", () => {
  const hart = hartWith();
  const taken: number[] = [];
  for (let times = 1; times <= 8; times += 1) {
    visit(hart, PAGE);
    const before = statistics(hart).slowStores;
    storeFrom(hart, 2 * MOST_STORES_TO_DATA);
    assert.is(statistics(hart).codeToData, times);
    taken.push(statistics(hart).slowStores - before);
  }
  const most = MOST_STORES_TO_DATA;
  // In sum: 8, 16, 32, 64, 128, 256, and as many as that again.
  assert.equal(taken, [8, 8, 16, 32, 64, most, most, most]);
});

test("given a page that is data now, when another page is executed, then it gets the free code page, and no page loses its own", () => {
  const hart = hartWith({
    name: "2 code pages",
    create: (bus, wanted) => new WasmEngine(bus, { ...wanted, codePages: 2 }),
  });
  hart.place(OTHER_PAGE, new Program().word(add(1)));
  storeFrom(visit(hart, PAGE), STORES_TO_DATA);
  const { decoded } = statistics(hart);
  visit(hart, OTHER_PAGE);
  storeFrom(hart, STORES_TO_DATA);
  assert.is(statistics(hart).decoded, decoded + 1);
  // It is no free page twice: one of the two others loses its own.
  visit(visit(hart, PAGE), OTHER_PAGE);
  assert.is(statistics(hart).decoded, decoded + 2);
  storeFrom(hart, 1);
  assert.is(statistics(hart).decoded, decoded + 3);
});

onEveryEngine(
  "given code that was data for a while, when it is executed again, then it is what was stored",
  (engine) => {
    const hart = hartWith(engine);
    // Over the code itself: the upper half of its second word.
    hart
      .place(PAGE, new Program().word(add(1)).word(add(1)))
      .setX(1, PAGE)
      .setX(2, (BigInt(add(2)) << 32n) | BigInt(add(4)));
    let sum = 0n;
    const runs = (expected: bigint): void => {
      hart.set("pc", PAGE).resume(2);
      sum += expected;
      assert.is(hart.x(3), sum);
    };
    runs(2n);
    for (let times = 1; times <= 20; times += 1) {
      hart.setX(2, (BigInt(add(times)) << 32n) | BigInt(add(2 * times)));
      storeFrom(hart, 1 + ((times * 7) % 200));
      runs(BigInt(3 * times));
    }
  },
);

test("given an arrival that is probed, when its page was data in between, then it is told as before", () => {
  const told: number[] = [];
  const hart = hartWith({
    name: "probed",
    create: (bus, wanted) =>
      new WasmEngine(bus, {
        ...wanted,
        codePages: 64,
        compileThreshold: 1,
        probed: (icount) => told.push(icount ?? -1),
      }),
  });
  hart.engine.watch({ arrivals: [Number(PAGE)], stores: [{ address: Number(BESIDE), bytes: 8 }] });
  visit(hart, PAGE);
  storeFrom(hart, STORES_TO_DATA + 1);
  visit(hart, PAGE);
  assert.equal(
    told,
    Array.from({ length: STORES_TO_DATA + 3 }, (_, icount) => icount),
  );
  assert.is(statistics(hart).codeToData, 1);
});

test.run();
