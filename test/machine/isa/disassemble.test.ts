// The names that people know an instruction by, where some of its operands are fixed. disassemble.guest.test.ts has the
// whole of it against binutils.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { disassemble } from "../../../src/machine/isa/disassemble.js";

// prettier-ignore
const KNOWN: readonly (readonly [raw: number, text: string])[] = [
  [0x0000_8067, "ret"], [0x0050_8067, "jr 5(ra)"], [0x0005_00e7, "jalr a0"], [0x0005_0567, "jalr a0, a0"], [0x0100_056f, "jal a0, 16"],
  [0x0000_0013, "nop"], [0x0070_0513, "li a0, 7"], [0x0005_8513, "mv a0, a1"], [0xfff5_c513, "not a0, a1"], [0x40b0_0533, "neg a0, a1"],
  [0x0005_851b, "sext.w a0, a1"], [0x0015_b513, "seqz a0, a1"], [0x00b0_3533, "snez a0, a1"], [0x00a0_5463, "blez a0, 8"],
  [0x3000_2573, "csrr a0, mstatus"], [0x3005_1073, "csrw mstatus, a0"], [0x3004_6073, "csrsi mstatus, 8"], [0x7c05_15f3, "csrrw a1, 0x7c0, a0"],
  [0xc010_2573, "rdtime a0"], [0x1200_0073, "sfence.vma"], [0x0ff0_000f, "fence"], [0x0310_000f, "fence rw, w"], [0x0100_000f, "pause"],
  [0x22a5_05d3, "fmv.d fa1, fa0"], [0x0cb5_252f, "amoswap.w.aq a0, a1, (a0)"], [0x0000_0000, ".half 0x0"],
];

test("given an instruction with operands that have a name of their own, then it is called by that", () => {
  for (const [raw, text] of KNOWN) assert.is(disassemble(raw | 0), text, raw.toString(16));
});

test.run();
