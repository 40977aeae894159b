/**
 * Accesses a few bytes apart, which regions look up together: they must be as if each had been looked up by itself.
 *
 * Red where a group goes on past a write to its base, where the room it needs leaves out the last access's width, and
 * where it takes a load's TLB for a store.
 */
import type { Bus, EngineOptions } from "../../../src/machine/engine/engine.js";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { WasmEngine } from "../../../src/machine/engine/wasm-engine.js";
import { TRAP_CAUSE } from "../../../src/machine/hart/trap-causes.js";
import { Program } from "../../support/assemble.js";
import { BareHart, CODE, DATA, onEveryEngine } from "../../support/engines.js";
import { ALL, map, MAPPED, pageIn, PTE } from "../../support/sv39.js";

const [FRAME, LEFT, ONE, TWO, THREE, FOUR] = [2, 5, 10, 11, 12, 13];
const PAGE = 0x1000n;

/** Saves two registers, moves the frame, reads them back and adds up; as often as `LEFT` says. */
const saves = new Program()
  .label("again")
  .i("sd", { rs1: FRAME, rs2: ONE, imm: -8 })
  .i("sw", { rs1: FRAME, rs2: TWO, imm: 4 })
  .i("lw", { rd: THREE, rs1: FRAME, imm: 4 })
  .i("ld", { rd: FOUR, rs1: FRAME, imm: -8 })
  .i("addi", { rd: FRAME, rs1: FRAME, imm: -8 })
  .i("sd", { rs1: FRAME, rs2: FOUR, imm: 16 })
  .i("sb", { rs1: FRAME, rs2: LEFT, imm: 23 })
  .i("ld", { rd: ONE, rs1: FRAME, imm: 16 })
  .i("ld", { rd: FOUR, rs1: FRAME, imm: 0 })
  .i("add", { rd: ONE, rs1: ONE, rs2: THREE })
  .i("addi", { rd: FRAME, rs1: FRAME, imm: 8 })
  .i("addi", { rd: LEFT, rs1: LEFT, imm: -1 })
  .i("bne", { rs1: LEFT, rs2: 0, imm: "again" });

/** The same in a few lines. */
function expected(rounds: number): { one: bigint; four: bigint } {
  let [one, four] = [1n, 0n];
  for (let left = rounds; left > 0; left -= 1) {
    four = one;
    one = BigInt.asUintN(64, ((one & ~(0xffn << 56n)) | (BigInt(left & 0xff) << 56n)) + 2n);
  }
  return { one, four };
}

for (const [where, frame] of [
  ["in one page", DATA + 0x800n],
  ["across two", DATA + PAGE],
  ["that ends where its page does", DATA + PAGE - 24n],
  ["whose last word lies in the next one", DATA + PAGE - 4n],
  ["that is misaligned", DATA + 0x803n],
] as const) {
  onEveryEngine(`given a frame ${where}, when a loop saves and reads it, then it holds what was saved`, (engine) => {
    const rounds = 200;
    const hart = pageIn(new BareHart(engine)).set("pc", CODE);
    // The second page does not follow the first one in memory.
    map(hart, MAPPED, DATA);
    map(hart, MAPPED + PAGE, DATA + 3n * PAGE);
    hart
      .setX(FRAME, MAPPED + frame - DATA)
      .setX(LEFT, BigInt(rounds))
      .setX(ONE, 1n)
      .setX(TWO, 2n);
    hart.place(CODE, saves).run(rounds * saves.length);
    const { one, four } = expected(rounds);
    assert.is(hart.pc, CODE + BigInt(4 * saves.length));
    assert.equal([hart.x(ONE), hart.x(FOUR), hart.x(LEFT)], [one, four, 0n]);
    assert.is(hart.double(DATA + PAGE), 0n, "stored on the page that only follows in memory");
  });
}

onEveryEngine(
  "given the second of two stores has no page it may write, when they run, then the first is done and the second traps",
  (engine) => {
    const stores = new Program().i("sd", { rs1: FRAME, rs2: ONE, imm: -8 }).i("sd", { rs1: FRAME, rs2: TWO, imm: 0 });
    const hart = pageIn(new BareHart(engine)).set("pc", CODE);
    map(hart, MAPPED, DATA);
    map(hart, MAPPED + PAGE, DATA + 3n * PAGE, ALL & ~PTE.W);
    hart
      .setX(FRAME, MAPPED + PAGE)
      .setX(ONE, 1n)
      .setX(TWO, 2n);
    hart.place(CODE, stores).run(stores.length);
    assert.equal([hart.field("mcause"), hart.field("mtval")], [TRAP_CAUSE.storePageFault, MAPPED + PAGE]);
    assert.equal([hart.double(DATA + PAGE - 8n), hart.double(DATA + 3n * PAGE)], [1n, 0n]);
  },
);

onEveryEngine(
  "given a page that may be read only, when what was just read is written, then the store traps",
  (engine) => {
    const program = new Program()
      .label("again")
      .i("ld", { rd: ONE, rs1: FRAME, imm: 0 })
      .i("ld", { rd: TWO, rs1: FRAME, imm: 8 })
      .i("addi", { rd: LEFT, rs1: LEFT, imm: -1 })
      .i("bne", { rs1: LEFT, rs2: 0, imm: "again" })
      .i("sd", { rs1: FRAME, rs2: TWO, imm: 0 })
      .i("sd", { rs1: FRAME, rs2: ONE, imm: 8 });
    const hart = pageIn(new BareHart(engine)).set("pc", CODE);
    map(hart, MAPPED, DATA, ALL & ~PTE.W);
    hart
      .placeDouble(DATA, 1n)
      .placeDouble(DATA + 8n, 2n)
      .setX(FRAME, MAPPED)
      .setX(LEFT, 20n);
    hart.place(CODE, program).run(20 * 4 + program.length);
    assert.equal([hart.x(ONE), hart.x(TWO), hart.field("mcause")], [1n, 2n, TRAP_CAUSE.storePageFault]);
    assert.equal([hart.double(DATA), hart.double(DATA + 8n)], [1n, 2n]);
  },
);

/** How often regions handed an instruction over, while the loop ran with its frame there. */
const handOvers = (frame: bigint): number => {
  const create = (bus: Bus, wanted: EngineOptions): WasmEngine =>
    new WasmEngine(bus, { ...wanted, codePages: 64, compileThreshold: 10, regionBatch: 1 });
  const hart = new BareHart({ name: "counted", create });
  hart.setX(FRAME, frame).setX(LEFT, 10_000n).setX(TWO, 2n);
  hart.place(CODE, saves).run(10_000 * saves.length);
  assert.is(hart.x(LEFT), 0n);
  const statistics = hart.engine.statistics?.();
  assert.ok(statistics);
  return Object.values(statistics.handedOver).reduce((sum, count) => sum + count, 0);
};

test("given a frame that always lies in two pages, when a hot loop uses it, then its accesses are soon looked up apart", () => {
  const [inOne, inTwo] = [handOvers(DATA + 0x800n), handOvers(DATA + PAGE)];
  assert.ok(inOne < 20, `in one page ${String(inOne)}`);
  assert.ok(inTwo < 1000, `in two ${String(inTwo)}`);
});

test.run();
