/** Code that writes over code: the store is seen by the very next instruction, on every engine. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { Program } from "../../support/assemble.js";
import { encode } from "../../support/encode.js";
import { CODE, DATA, doubleword, endure, pte, RAM, seeded } from "./hostile-guest.js";

const addi = (rd: number, imm: number): number => encode("addi", { rd, rs1: rd, imm });
const WAIT = encode("wfi");

test("given a store over the next instruction, then the new one runs", () => {
  const program = new Program().li(10, CODE).li(11, BigInt(addi(20, 5)));
  const at = program.length * 4 + 4;
  program.i("sw", { rs1: 10, rs2: 11, imm: at }).i("addi", { rd: 20, imm: 1 }).i("wfi");
  assert.is(endure({ program }).x(20), 5n);
});

test("given a loop that rewrites its own body each time, then each turn runs what was just written", () => {
  const program = new Program()
    .li(10, CODE)
    .li(11, BigInt(addi(20, 0)))
    .li(12, 1n << 20n)
    .li(13, 50n)
    .label("loop");
  const body = (program.length - 0) * 4 + 8;
  program
    .i("add", { rd: 11, rs1: 11, rs2: 12 })
    .i("sw", { rs1: 10, rs2: 11, imm: body })
    .i("addi", { rd: 20 })
    .i("addi", { rd: 13, rs1: 13, imm: -1 })
    .i("bne", { rs1: 13, rs2: 0, imm: "loop" })
    .i("wfi");
  assert.is(endure({ program }).x(20), BigInt((50 * 51) / 2));
});

test("given an instruction that straddles two pages, when either half is rewritten, then the new one runs", () => {
  // At 0xffe of the first page: addi x20, x20, imm; the immediate lies in the second half.
  const straddling = CODE + 0xffen;
  const one = addi(20, 1);
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, one, true);
  const start = new Program()
    .li(9, straddling)
    .i("addi", { rd: 21, rs1: 0, imm: 3 })
    .i("jalr", { rd: 1, rs1: 9 })
    .li(11, BigInt(addi(20, 0x100) >>> 16))
    .i("sh", { rs1: 9, rs2: 11, imm: 2 })
    .i("jalr", { rd: 1, rs1: 9 })
    .li(11, BigInt(addi(22, 0x100) & 0xffff))
    .i("sh", { rs1: 9, rs2: 11 })
    .i("jalr", { rd: 1, rs1: 9 })
    .i("wfi");
  const back = new Program().i("jalr", { rs1: 1 });
  const { x, stop } = endure({
    program: start,
    memory: [
      [straddling, bytes],
      [straddling + 4n, back],
    ],
  });
  assert.is(stop, "idle");
  assert.is(x(20), 0x101n);
  // The source register's upper bits lie in the half that stayed, so rs1 is still x20.
  assert.is(x(22), 0x201n);
});

test("given a store that straddles two pages of code, then both pages show it", () => {
  const place = CODE + 0x1000n - 4n;
  const nops = new Program().i("addi").i("addi").i("jalr", { rs1: 1 });
  const both = BigInt(addi(20, 7)) | (BigInt(addi(21, 9)) << 32n);
  const program = new Program()
    .li(9, place)
    .i("jalr", { rd: 1, rs1: 9 })
    .li(11, both)
    .i("sd", { rs1: 9, rs2: 11 })
    .i("jalr", { rd: 1, rs1: 9 })
    .i("wfi");
  const { x } = endure({ program, memory: [[place, nops]] });
  assert.equal([x(20), x(21)], [7n, 9n]);
});

test("given a page that is code and page table at once, when both are rewritten, then both show it", () => {
  // Sv39 root at DATA; its entry 2 is a leaf for the gigapage of RAM; the code lies in the same page, at +0x100.
  const code = DATA + 0x100n;
  const program = new Program()
    .li(10, DATA)
    .li(11, BigInt(addi(20, 5)))
    .li(12, pte(RAM, 0xcfn))
    .i("ld", { rd: 15, rs1: 10 })
    .i("sd", { rs1: 10, rs2: 12, imm: 8 })
    .li(13, 0x4000_8000n)
    .i("ld", { rd: 14, rs1: 13, imm: 16 });
  const at = 0x100 + program.length * 4 + 4;
  program.i("sw", { rs1: 10, rs2: 11, imm: at }).i("addi", { rd: 20, imm: 1 });
  // No translation for its own page any more: the next fetch faults.
  program.i("sd", { rs1: 10, rs2: 0, imm: 16 }).i("addi", { rd: 20, rs1: 20, imm: 100 });
  const { x, field, stop } = endure({
    memory: [
      [DATA + 16n, doubleword(pte(RAM, 0xcfn))],
      [code, program],
    ],
    handler: new Program().i("wfi"),
    fields: {
      pc: code,
      privilege: 1n,
      satp: (8n << 60n) | (DATA >> 12n),
      pmpcfg0: 0x1fn,
      pmpaddr0: (1n << 54n) - 1n,
    },
  });
  assert.is(stop, "idle");
  assert.is(x(20), 5n);
  assert.is(x(14), pte(RAM, 0xcfn), "the second mapping shows the table itself");
  assert.is(field("mcause"), 12n);
});

test("given code that overwrites itself with random words, when it runs on, then the engines agree", () => {
  for (let seed = 1n; seed <= 12n; seed += 1n) {
    const random = seeded(seed);
    const program = new Program().li(10, CODE).li(11, 0x5deec_e66dn).li(12, random()).label("loop");
    program.i("mul", { rd: 12, rs1: 12, rs2: 11 }).i("addi", { rd: 12, rs1: 12, imm: 11 });
    program.i("srli", { rd: 13, rs1: 12, imm: 20 }).i("andi", { rd: 13, rs1: 13, imm: 0x7fc });
    program.i("add", { rd: 13, rs1: 13, rs2: 10 }).i("sw", { rs1: 13, rs2: 12 }).i("jal", { imm: "loop" });
    const outcome = endure({ program }, { insns: 3000 });
    assert.ok(outcome.machine.position.icount > 0, `seed ${String(seed)}`);
  }
});

test("given a page of WFI, when it is filled while it runs, then the hart stops where the words stand", () => {
  const program = new Program()
    .li(10, CODE + 0x80n)
    .li(11, BigInt(WAIT))
    .i("sw", { rs1: 10, rs2: 11 });
  for (let index = program.length; index < 64; index += 1) program.i("addi", { rd: 20, rs1: 20, imm: 1 });
  const { field } = endure({ program });
  assert.is(field("pc"), CODE + 0x84n);
});

test.run();
