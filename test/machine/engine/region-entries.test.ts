/** Where control may come into a region from outside, whatever its structure makes of its edges. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { Program } from "../../support/assemble.js";
import { BareHart, CODE, onEveryEngine } from "../../support/engines.js";

const PAGE = 0x1000;

onEveryEngine(
  "given a loop of two pages with two heads, when control comes to either from elsewhere, then it goes on from there",
  (engine) => {
    const second = CODE + BigInt(PAGE);
    const hart = new BareHart(engine)
      .place(
        CODE,
        new Program()
          .i("beq", { rs1: 5, rs2: 0, imm: 12 })
          // One head, ...
          .i("addi", { rd: 3, rs1: 3, imm: 1 })
          .i("jal", { imm: 4 })
          // ... and the other, both entered from above and from each other.
          .i("addi", { rd: 3, rs1: 3, imm: 16 })
          .i("bne", { rs1: 6, rs2: 0, imm: -12 })
          .i("jal", { imm: PAGE - 20 }),
      )
      // Where a call returns to is an entry too, on the other page.
      .place(
        second,
        new Program()
          .i("jal", { rd: 1, imm: 8 })
          .i("jal", { imm: 0 })
          .i("addi", { rd: 4, imm: 7 })
          .i("jalr", { rs1: 1 }),
      );
    // A region takes in the pages that the hart sees: both are looked at first.
    hart.set("pc", second + 4n).run(1);
    hart.set("pc", CODE).resume(6);
    for (const [head, insns, sum] of [
      [CODE + 4n, 5, 17n],
      [CODE + 12n, 3, 16n],
    ] as const) {
      hart.setX(3, 0n).setX(5, 1n).set("pc", head).resume(insns);
      assert.equal([hart.x(3), hart.pc], [sum, second]);
      hart.resume(3);
      assert.equal([hart.x(4), hart.x(1), hart.pc], [7n, second + 4n, second + 4n]);
    }
  },
);

test.run();
