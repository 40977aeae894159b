/** Every 16-bit encoding does what the 32-bit instruction does that objdump and the manual say it stands for. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { decode } from "../../../src/machine/isa/decode.js";
import { disassemble } from "../../../src/machine/isa/disassemble.js";
import { TRAP_CAUSE } from "../../../src/machine/hart/trap-causes.js";
import { Program } from "../../support/assemble.js";
import { BareHart, CODE, DATA, HANDLER, onEveryEngine } from "../../support/engines.js";

// By hand from the encodings of chapter 27; objdump prints the same.
// prettier-ignore
const KNOWN: readonly (readonly [raw: number, text: string])[] = [
  [0x0808, "addi a0, sp, 16"], [0x1ffc, "addi a5, sp, 1020"], [0x4188, "lw a0, 0(a1)"], [0x6188, "ld a0, 0(a1)"], [0x7dfc, "ld a5, 248(a1)"],
  [0xc188, "sw a0, 0(a1)"], [0xe188, "sd a0, 0(a1)"], [0x2188, "fld fa0, 0(a1)"], [0xa188, "fsd fa0, 0(a1)"],
  [0x0001, "nop"], [0x157d, "addi a0, a0, -1"], [0x357d, "addiw a0, a0, -1"], [0x557d, "li a0, -1"],
  [0x6141, "addi sp, sp, 16"], [0x717d, "addi sp, sp, -16"], [0x657d, "lui a0, 0x1f"], [0x757d, "lui a0, 0xfffff"],
  [0x817d, "srli a0, a0, 0x1f"], [0x957d, "srai a0, a0, 0x3f"], [0x897d, "andi a0, a0, 31"], [0x997d, "andi a0, a0, -1"],
  [0x8d0d, "sub a0, a0, a1"], [0x8d2d, "xor a0, a0, a1"], [0x8d4d, "or a0, a0, a1"], [0x8d6d, "and a0, a0, a1"],
  [0x9d0d, "subw a0, a0, a1"], [0x9d2d, "addw a0, a0, a1"], [0xa001, "j 0"], [0xbffd, "j -2"],
  [0xc101, "beqz a0, 0"], [0xfd7d, "bnez a0, -2"], [0x157e, "slli a0, a0, 0x3f"], [0x4502, "lw a0, 0(sp)"], [0x6502, "ld a0, 0(sp)"],
  [0x2502, "fld fa0, 0(sp)"], [0x8502, "jr a0"], [0x9502, "jalr a0"], [0x852e, "mv a0, a1"], [0x952e, "add a0, a0, a1"],
  [0x9002, "ebreak"], [0xc02a, "sw a0, 0(sp)"], [0xe02a, "sd a0, 0(sp)"], [0xa02a, "fsd fa0, 0(sp)"], [0xdffe, "sw t6, 252(sp)"],
];

test("given compressed encodings, when they are disassembled, then as the instruction they stand for", () => {
  for (const [raw, text] of KNOWN) assert.is(disassemble(raw), text, raw.toString(16));
});

const RESERVED = [0x0000, 0x0004, 0x2001, 0x6101, 0x6001, 0x8002, 0x4002, 0x6002, 0x9c41, 0x9c61, 0x8000];

test("given reserved encodings, when they are decoded, then they are illegal", () => {
  for (const raw of RESERVED) assert.is(decode(raw), undefined, raw.toString(16));
});

onEveryEngine("given a compressed instruction, when it runs, then pc moves by 2 and rd is right", (engine) => {
  const hart = new BareHart(engine).setX(10, 40n).setX(11, 2n);
  hart.execute(new Program().half(0x952e).half(0x157d).half(0x9502));
  assert.is(hart.x(10), 41n);
  // c.jalr links the address after its 2 bytes.
  assert.is(hart.x(1), CODE + 6n);
  assert.is(hart.pc, 40n);
});

onEveryEngine(
  "given a reserved encoding, when it runs, then an illegal-instruction trap gives its 16 bits",
  (engine) => {
    // The halfword behind it is no part of it.
    const hart = new BareHart(engine).execute(new Program().half(0x8000).half(0xffff));
    assert.is(hart.field("mcause"), TRAP_CAUSE.illegalInstruction);
    assert.is(hart.field("mtval"), 0x8000n);
    assert.is(hart.field("mepc"), CODE);
    assert.is(hart.pc, HANDLER);
  },
);

onEveryEngine("given a store and a load by way of sp, when they run, then they meet", (engine) => {
  const hart = new BareHart(engine).setX(2, DATA).setX(31, -5n);
  hart.execute(new Program().half(0xdffe).half(0x557e));
  assert.is(hart.double(DATA + 248n) >> 32n, 0xffff_fffbn);
  assert.is(hart.x(10), 0xffff_ffff_ffff_fffbn);
});

test.run();
