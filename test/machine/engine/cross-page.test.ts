/**
 * A loop over two pages: compiled as one, it must still go where the second page leads at that moment. Red without the
 * check of a page's presence, where a handed-over pc is looked for on the page that the region was entered on, and
 * where a block runs on into the next page.
 */
import * as assert from "uvu/assert";
import { test } from "uvu";

import { Program } from "../../support/assemble.js";
import { encode } from "../../support/encode.js";
import { BareHart, DATA, onEveryEngine } from "../../support/engines.js";
import { ALL, entry, leafAddress, map, MAPPED, pageIn } from "../../support/sv39.js";

const [ROUNDS, FIRST, SECOND, TARGET] = [1, 2, 3, 4];
const OTHER = DATA + 0x2000n;
const ROUND_INSNS = 5;

/** The first page counts and goes to the second, which adds `step` and comes back. */
const firstPage = new Program()
  .i("addi", { rd: ROUNDS, rs1: ROUNDS, imm: 1 })
  .i("addi", { rd: FIRST, rs1: FIRST, imm: 1 })
  .i("jal", { imm: 0x1000 - 8 });

/** The same by a pair that reaches further than jal: the register that it goes by is the guest's too. */
const farFromFirstPage = new Program()
  .i("addi", { rd: ROUNDS, rs1: ROUNDS, imm: 1 })
  .i("auipc", { rd: FIRST, imm: 0x1000 })
  .i("jalr", { rs1: FIRST, imm: -4 });

/** The same at the first page's end, from where control falls into the second. */
const endOfFirstPage = new Program()
  .i("addi", { rd: ROUNDS, rs1: ROUNDS, imm: 1 })
  .i("addi", { rd: FIRST, rs1: FIRST, imm: 1 })
  .i("addi", { rd: 0, rs1: 0, imm: 0 });

const secondPage = (step: number, back: number): Program =>
  new Program().i("addi", { rd: SECOND, rs1: SECOND, imm: step }).word(back);

const WAYS = [
  { by: "by jal", first: firstPage, at: 0n, back: encode("jal", { imm: -0x1004 }) },
  { by: "by auipc and jalr", first: farFromFirstPage, at: 0n, back: encode("jal", { imm: -0x1004 }) },
  { by: "by register", first: firstPage, at: 0n, back: encode("jalr", { rs1: TARGET }) },
  { by: "straight on", first: endOfFirstPage, at: 0xff4n, back: encode("jal", { imm: -0x10 }) },
];

for (const { by, first, at, back } of WAYS) {
  onEveryEngine(
    `given a hot loop over two pages, ${by}, when the second is changed, moved or taken away, then the next round knows`,
    (engine) => {
      const start = MAPPED + at;
      const hart = pageIn(new BareHart(engine)).setX(TARGET, start).set("pc", start);
      hart
        .place(DATA + at, first)
        .place(DATA + 0x1000n, secondPage(1, back))
        .place(OTHER, secondPage(100, back));
      map(hart, MAPPED, DATA);
      map(hart, MAPPED + 0x1000n, DATA + 0x1000n);
      hart.run(0);
      /** In pieces of every length, so that the budget ends at each instruction. */
      const rounds = (count: number): bigint => {
        const before = hart.x(SECOND);
        for (let left = count * ROUND_INSNS, piece = 1; left > 0; piece = (piece % 7) + 1) {
          hart.resume(Math.min(piece, left));
          left -= Math.min(piece, left);
        }
        assert.is(hart.pc, start);
        return hart.x(SECOND) - before;
      };
      const whole = (count: number): bigint => {
        const before = hart.x(SECOND);
        hart.resume(count * ROUND_INSNS);
        assert.is(hart.pc, start);
        return hart.x(SECOND) - before;
      };
      assert.is(rounds(40), 40n);
      assert.is(whole(40), 40n);
      // Changed by a device.
      hart.place(DATA + 0x1000n, secondPage(10, back));
      assert.is(whole(40), 400n);
      assert.is(rounds(40), 400n);
      // Moved, without a fence; and back.
      hart.placeDouble(leafAddress(MAPPED + 0x1000n), entry(OTHER, ALL));
      assert.is(whole(40), 4000n);
      hart.placeDouble(leafAddress(MAPPED + 0x1000n), entry(DATA + 0x1000n, ALL));
      assert.is(whole(40), 400n);
      assert.is(rounds(9), 90n);
      // Taken away: the jump there has retired, its target can't be fetched.
      hart.placeDouble(leafAddress(MAPPED + 0x1000n), 0n);
      hart.resume(4);
      assert.is(hart.field("mepc"), MAPPED + 0x1000n);
      assert.is(hart.x(SECOND), 40n + 40n + 400n + 400n + 4000n + 400n + 90n);
    },
  );
}

onEveryEngine(
  "given one code at two addresses, when the loop comes by either, then it stays where it came",
  (engine) => {
    const hart = pageIn(new BareHart(engine));
    hart.place(DATA, firstPage).place(DATA + 0x1000n, secondPage(1, encode("jalr", { rs1: TARGET })));
    const ways = [MAPPED, MAPPED + 0x4000n];
    for (const va of ways) {
      map(hart, va, DATA);
      map(hart, va + 0x1000n, DATA + 0x1000n);
    }
    hart.run(0);
    for (let time = 0; time < 12; time += 1) {
      const va = ways[time % 2] ?? MAPPED;
      hart.setX(TARGET, va);
      hart.set("pc", va).resume(20 * ROUND_INSNS + 3);
      assert.is(hart.pc, va + 0x1000n);
    }
    assert.is(hart.x(SECOND), 240n);
  },
);

test.run();
