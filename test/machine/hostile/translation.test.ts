/**
 * Page tables, satp and PMP that no kernel would write: faults as the privileged spec has them, and no walk leaves RAM.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MPRV, MPP_SHIFT } from "../../../src/machine/hart/mstatus.js";
import { TRAP_CAUSE } from "../../../src/machine/hart/trap-causes.js";
import { Program } from "../../support/assemble.js";
import {
  CODE,
  DATA,
  doubleword,
  endure,
  pte,
  RAM,
  RAM_END,
  ROM,
  seeded,
  type Guest,
  type Outcome,
} from "./hostile-guest.js";

const V = 1n;
const RWX = 0xen;
const AD = 0xc0n;
const SV39 = 8n << 60n;
const ALL_OPEN = { pmpcfg0: 0x1fn, pmpaddr0: (1n << 54n) - 1n };
const ROOT = DATA;
const satpOf = (root: bigint): bigint => SV39 | (root >> 12n);

/** M mode, whose loads and stores go through the page tables as S mode's would. */
function access(name: "ld" | "sd", address: bigint, guest: Guest, root = ROOT): Outcome {
  const program = new Program()
    .li(10, address)
    .li(11, 0x77n)
    .li(12, MPRV | (1n << MPP_SHIFT));
  program.i("csrrs", { rs1: 12, imm: 0x300 }).i(name, name === "ld" ? { rd: 11, rs1: 10 } : { rs1: 10, rs2: 11 });
  return endure({
    ...guest,
    program: program.i("wfi"),
    handler: new Program().i("wfi"),
    fields: { satp: satpOf(root), ...ALL_OPEN, ...guest.fields },
  });
}

const table = (...entries: (readonly [number, bigint])[]): [bigint, Uint8Array][] =>
  entries.map(([index, entry]) => [ROOT + BigInt(index * 8), doubleword(entry)]);

test("given a page table that points at itself, when it is walked, then it ends after three levels in a page fault", () => {
  const self = table([0, pte(ROOT, V)]);
  const { field } = access("ld", 0n, { memory: self });
  assert.is(field("mcause"), TRAP_CAUSE.loadPageFault);
  assert.is(field("mtval"), 0n);
});

test("given a page table that is its own leaf, when it is stored to through itself, then the table changes", () => {
  // Root entry 0 leads to the root as a table, whose entry 1 is a leaf: the root itself.
  const memory = table([0, pte(ROOT, V)], [1, pte(ROOT, V | RWX | AD)]);
  const { state, field } = access("sd", 0x1000n + 16n, { memory });
  assert.is(field("mcause"), 0n);
  assert.equal([...state.ram.read(Number(ROOT - RAM) + 16, 8)], [0x77, 0, 0, 0, 0, 0, 0, 0]);
});

test("given tables that lie in devices, ROM or nowhere, when they are walked, then it is an access fault", () => {
  for (const place of [0x1000_0000n, 0xc00_0000n, ROM, 0n, RAM_END, 1n << 55n, (1n << 56n) - 0x1000n]) {
    const nested = access("ld", 8n, { memory: table([0, pte(place, V)]) });
    assert.is(nested.field("mcause"), TRAP_CAUSE.loadAccessFault, `a table at 0x${place.toString(16)}`);
    const root = access("sd", 8n, {}, place);
    assert.is(root.field("mcause"), TRAP_CAUSE.storeAccessFault, `a root at 0x${place.toString(16)}`);
    assert.is(root.field("mtval"), 8n);
  }
});

test("given leaves that lie nowhere, when they are used, then it is an access fault with the virtual address", () => {
  for (const place of [0n, 1n << 55n, 0x4000_0000n]) {
    const { field } = access("ld", 16n, { memory: table([0, pte(place & ~((1n << 30n) - 1n), V | RWX | AD)]) });
    assert.is(field("mcause"), TRAP_CAUSE.loadAccessFault);
    assert.is(field("mtval"), 16n);
  }
});

test("given a gigapage over the devices, when the UART is used through it, then it answers as it does without", () => {
  const { x, field } = access("ld", 0x1000_0000n, { memory: table([0, pte(0n, V | RWX | AD)]) });
  assert.is(field("mcause"), 0n);
  assert.is(x(11), 0n);
  const { effects } = access("sd", 0x1000_0000n, { memory: table([0, pte(0n, V | RWX | AD)]) });
  assert.is(effects[0]?.type, "console/transmitted");
});

test("given a leaf in ROM whose page is marked used, then the entry in RAM is, and ROM stays as it is", () => {
  const levels: [bigint, Uint8Array][] = [
    [ROOT, doubleword(pte(ROOT + 0x1000n, V))],
    [ROOT + 0x1000n, doubleword(pte(ROOT + 0x2000n, V))],
    [ROOT + 0x2000n + 8n, doubleword(pte(ROM, V | RWX))],
  ];
  const { field, state } = access("sd", 0x1000n, { memory: levels });
  assert.is(field("mcause"), 0n);
  assert.is((state.ram.read(Number(ROOT - RAM) + 0x2008, 1)[0] ?? 0) & 0xc0, 0xc0);
});

test("given values of satp that mean nothing, when they are written, then those of no known mode change nothing", () => {
  const random = seeded(7n);
  for (let mode = 0n; mode < 16n; mode += 1n) {
    const value = (mode << 60n) | (random() >> 4n);
    const { field } = endure({ program: new Program().csr(0x180, value).i("wfi"), fields: ALL_OPEN });
    assert.is(field("satp"), mode === 0n || mode === 8n ? value : 0n);
  }
});

test("given S mode that turns on a satp of garbage, then its next fetch faults, whatever the garbage", () => {
  const random = seeded(11n);
  for (let turn = 0; turn < 20; turn += 1) {
    const program = new Program().csr(0x180, SV39 | (random() >> 4n)).i("addi", { rd: 20, imm: 1 });
    const { field, x } = endure({ program, handler: new Program().i("wfi"), fields: { privilege: 1n, ...ALL_OPEN } });
    assert.is(x(20), 0n);
    assert.ok(
      [TRAP_CAUSE.instructionAccessFault, TRAP_CAUSE.instructionPageFault].some((it) => it === field("mcause")),
    );
  }
});

test("given random page tables, when they are walked at random addresses, then the engines agree on every fault", () => {
  for (let seed = 1n; seed <= 10n; seed += 1n) {
    const random = seeded(seed);
    const entries: [bigint, Uint8Array][] = [];
    for (let page = 0n; page < 4n; page += 1n) {
      for (let index = 0n; index < 512n; index += 1n) {
        const target = random() % 8n === 0n ? (random() % (1n << 44n)) << 12n : ROOT + (random() % 4n) * 0x1000n;
        entries.push([ROOT + page * 0x1000n + index * 8n, doubleword(pte(target, random() & 0xffn & (random() | V)))]);
      }
    }
    const program = new Program()
      .li(5, MPRV | (1n << MPP_SHIFT))
      .li(12, random())
      .li(13, 0x5851_f42d_4c95_7f2dn);
    program.i("csrrs", { rs1: 5, imm: 0x300 }).label("loop").i("mul", { rd: 12, rs1: 12, rs2: 13 });
    program.i("addi", { rd: 12, rs1: 12, imm: 1 }).i("srai", { rd: 14, rs1: 12, imm: 25 });
    program.i("ld", { rd: 15, rs1: 14 }).i("xor", { rd: 16, rs1: 16, rs2: 15 }).i("sd", { rs1: 14, rs2: 12 });
    program.i("jal", { imm: "loop" });
    // Goes on after the access, with the same address spaces.
    const handler = new Program().i("csrr", { rd: 7, imm: 0x341 }).i("addi", { rd: 7, rs1: 7, imm: 4 });
    handler.i("csrrw", { rs1: 7, imm: 0x341 }).i("csrr", { rd: 8, imm: 0x342 }).i("add", { rd: 9, rs1: 9, rs2: 8 });
    handler
      .li(8, 3n << MPP_SHIFT)
      .i("csrrs", { rs1: 8, imm: 0x300 })
      .i("mret");
    const { machine } = endure(
      { program, handler, memory: entries, fields: { satp: satpOf(ROOT), ...ALL_OPEN } },
      { insns: 4000 },
    );
    assert.ok(machine.position.icount > 0, `seed ${String(seed)}`);
  }
});

test("given PMP that locks everything, M mode too, then the next fetch faults and the machine ends in a trap loop", () => {
  const program = new Program()
    .csr(0x3b0, (1n << 54n) - 1n)
    .csr(0x3a0, 0x98n)
    .i("addi", { rd: 20, imm: 1 });
  const { machine, x, field } = endure({ program });
  assert.is(x(20), 0n);
  assert.is(field("mcause"), TRAP_CAUSE.instructionAccessFault);
  assert.match(machine.ended?.cause ?? "", "trap loop");
});

test("given PMP that splits a page, when the hart runs into what is closed, then it stops at that instruction", () => {
  // Entry 0 closes 8 bytes in the middle of the page of the code; entry 1 opens the rest, locked for M mode as well.
  const closed = CODE + 0x40n;
  const program = new Program()
    .csr(0x3b0, closed >> 2n)
    .csr(0x3b1, (1n << 54n) - 1n)
    .csr(0x3a0, 0x9f98n);
  while (program.length < 0x60 / 4) program.i("addi", { rd: 20, rs1: 20, imm: 1 });
  const { field } = endure({ program, handler: new Program().i("wfi") });
  assert.is(field("mcause"), TRAP_CAUSE.instructionAccessFault);
  assert.is(field("mepc"), closed);
});

test("given a page table that PMP closes, when it is walked, then it is an access fault", () => {
  const memory = table([0, pte(0n, V | RWX | AD)], [2, pte(RAM, V | RWX | AD)]);
  const fields = { pmpcfg0: 0x1f18n, pmpaddr0: (ROOT >> 2n) | 0x1ffn, pmpaddr1: (1n << 54n) - 1n };
  const { field } = access("ld", RAM, { memory, fields });
  assert.is(field("mcause"), TRAP_CAUSE.loadAccessFault);
});

test.run();
