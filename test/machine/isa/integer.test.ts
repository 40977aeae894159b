/** RV64I and RV64M, by the values at the edges (unprivileged spec, chapters 2, 5 and 13). */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { Program } from "../../support/assemble.js";
import { BareHart, CODE, DATA, onEveryEngine } from "../../support/engines.js";

const MIN = -(1n << 63n);
const MAX = (1n << 63n) - 1n;
const MIN32 = -0x8000_0000n;
const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);

type Row = readonly [name: string, a: bigint, b: bigint, result: bigint];

// prettier-ignore
const REGISTER_REGISTER: readonly Row[] = [
  ["add", MAX, 1n, MIN], ["add", -1n, 1n, 0n], ["sub", MIN, 1n, MAX], ["sub", 0n, 1n, -1n],
  ["sll", 1n, 63n, MIN], ["sll", 1n, 64n, 1n], ["sll", 3n, 127n, MIN],
  ["srl", MIN, 63n, 1n], ["srl", -1n, 64n, -1n], ["sra", MIN, 63n, -1n], ["sra", MIN, 65n, MIN >> 1n],
  ["slt", MIN, MAX, 1n], ["slt", MAX, MIN, 0n], ["slt", 5n, 5n, 0n],
  ["sltu", MIN, MAX, 0n], ["sltu", 0n, -1n, 1n], ["sltu", 5n, 5n, 0n],
  ["xor", -1n, 0x5555n, ~0x5555n], ["or", MIN, 1n, MIN | 1n], ["and", -1n, MIN, MIN],
  ["addw", 0x7fff_ffffn, 1n, MIN32], ["addw", 0xffff_ffff_0000_0001n, 1n, 2n], ["subw", MIN32, 1n, 0x7fff_ffffn],
  ["sllw", 1n, 31n, MIN32], ["sllw", 1n, 32n, 1n], ["srlw", MIN32, 31n, 1n], ["srlw", 0x1_0000_0000n, 0n, 0n], ["srlw", -1n, 0n, -1n],
  ["sraw", 0x8000_0000n, 31n, -1n], ["sraw", 0x8000_0000n, 33n, -0x4000_0000n],
  ["mul", MIN, -1n, MIN], ["mul", 1n << 32n, 1n << 32n, 0n], ["mul", -3n, 7n, -21n],
  ["mulh", MIN, MIN, 1n << 62n], ["mulh", -1n, -1n, 0n], ["mulh", -1n, 1n, -1n], ["mulh", MAX, MAX, (1n << 62n) - 1n],
  ["mulhu", -1n, -1n, -2n], ["mulhu", MIN, 2n, 1n], ["mulhu", 0xffff_ffffn, 0xffff_ffffn, 0n],
  ["mulhsu", -1n, -1n, -1n], ["mulhsu", -1n, 0n, 0n], ["mulhsu", MIN, -1n, MIN], ["mulhsu", 1n, -1n, 0n],
  ["div", 7n, -2n, -3n], ["div", -7n, 2n, -3n], ["div", 5n, 0n, -1n], ["div", MIN, -1n, MIN],
  ["divu", -1n, 2n, MAX], ["divu", 5n, 0n, -1n], ["divu", MIN, -1n, 0n],
  ["rem", 7n, -2n, 1n], ["rem", -7n, 2n, -1n], ["rem", -5n, 0n, -5n], ["rem", MIN, -1n, 0n],
  ["remu", -1n, 10n, 5n], ["remu", 5n, 0n, 5n], ["remu", MIN, -1n, MIN],
  ["mulw", 0x7fff_ffffn, 2n, -2n], ["mulw", 0x1_0000_0003n, 5n, 15n],
  ["divw", MIN32, -1n, MIN32], ["divw", 7n, 0n, -1n], ["divw", 0x1_0000_0008n, 2n, 4n], ["divw", 0xffff_fff8n, 2n, -4n],
  ["divuw", 0xffff_ffffn, 1n, -1n], ["divuw", 0xffff_ffff_0000_0009n, 2n, 4n], ["divuw", 7n, 0n, -1n],
  ["remw", MIN32, -1n, 0n], ["remw", -7n, 0n, -7n], ["remw", 0xffff_fff9n, 2n, -1n],
  ["remuw", 0xffff_ffffn, 0n, -1n], ["remuw", 0x8000_0000n, 0x8000_0001n, MIN32],
];

// prettier-ignore
const REGISTER_IMMEDIATE: readonly Row[] = [
  ["addi", MAX, 1n, MIN], ["addi", 0n, -2048n, -2048n], ["slti", -1n, 0n, 1n], ["slti", 5n, -1n, 0n],
  ["sltiu", 5n, -1n, 1n], ["sltiu", 0n, 1n, 1n], ["sltiu", 1n, 1n, 0n],
  ["xori", 0n, -1n, -1n], ["ori", 0n, -2048n, -2048n], ["andi", -1n, 0x7ffn, 0x7ffn], ["andi", -1n, -1n, -1n],
  ["slli", 1n, 63n, MIN], ["srli", MIN, 63n, 1n], ["srai", MIN, 63n, -1n], ["srli", -1n, 0n, -1n],
  ["addiw", 0x7fff_ffffn, 1n, MIN32], ["addiw", 0xffff_ffffn, 0n, -1n], ["slliw", 1n, 31n, MIN32],
  ["srliw", -1n, 0n, -1n], ["srliw", MIN32, 31n, 1n], ["sraiw", 0x8000_0000n, 31n, -1n],
];

onEveryEngine("given edge values, when an operation runs, then rd holds what the manual says", (engine) => {
  const hart = new BareHart(engine);
  const run = (name: string, a: bigint, b: bigint, operands: { rs2?: number; imm?: number }): bigint => {
    hart.set("pc", CODE).setX(1, a).setX(2, b);
    hart.execute(new Program().i(name, { rd: 3, rs1: 1, ...operands }));
    return hart.x(3);
  };
  for (const [name, a, b, result] of REGISTER_REGISTER) {
    assert.is(run(name, a, b, { rs2: 2 }), u64(result), `${name} ${String(a)}, ${String(b)}`);
  }
  for (const [name, a, imm, result] of REGISTER_IMMEDIATE) {
    assert.is(run(name, a, 0n, { imm: Number(imm) }), u64(result), `${name} ${String(a)}, ${String(imm)}`);
  }
});

onEveryEngine("given rd is x0, when operations, loads and jumps write it, then it stays 0", (engine) => {
  const hart = new BareHart(engine).setX(1, DATA).placeDouble(DATA, -1n & 0xffffn);
  const program = new Program()
    .i("addi", { imm: 5 })
    .i("ld", { rs1: 1, imm: 0 })
    .i("amoadd.d", { rs1: 1, rs2: 1 })
    .i("jal", { imm: 4 })
    .i("csrr", { imm: 0x301 })
    .i("add", { rd: 2 });
  hart.setX(2, 9n).execute(program);
  assert.is(hart.x(0), 0n);
  assert.is(hart.x(2), 0n);
});

// prettier-ignore
const LOADS: readonly (readonly [name: string, offset: number, result: bigint])[] = [
  ["lb", 0, -0x10n], ["lb", 7, 0x76n], ["lbu", 0, 0xf0n], ["lh", 0, 0x7ef0n], ["lh", 2, -0x2345n],
  ["lhu", 2, 0xdcbbn], ["lw", 0, -0x2344_8110n], ["lwu", 0, 0xdcbb_7ef0n], ["lw", 4, 0x7654_3210n], ["ld", 0, 0x7654_3210_dcbb_7ef0n],
  ["lw", 1, 0x10dc_bb7en], ["ld", -1, 0x5432_10dc_bb7e_f000n], ["lhu", 3, 0x10dcn],
];

onEveryEngine(
  "given bytes in memory, when they are loaded, then in little-endian order, extended as the name says",
  (engine) => {
    const hart = new BareHart(engine).placeDouble(DATA, 0x7654_3210_dcbb_7ef0n);
    for (const [name, offset, result] of LOADS) {
      hart
        .set("pc", CODE)
        .setX(1, DATA)
        .execute(new Program().i(name, { rd: 3, rs1: 1, imm: offset }));
      assert.is(hart.x(3), u64(result), `${name} at ${String(offset)}`);
    }
  },
);

// prettier-ignore
const STORES: readonly (readonly [name: string, offset: number, result: bigint])[] = [
  ["sb", 0, 0xffff_ffff_ffff_fff0n], ["sb", 7, 0xf0ff_ffff_ffff_ffffn], ["sh", 2, 0xffff_ffff_def0_ffffn],
  ["sw", 4, 0x9abc_def0_ffff_ffffn], ["sd", 0, 0x1234_5678_9abc_def0n], ["sh", 3, 0xffff_ffde_f0ff_ffffn], ["sw", 1, 0xffff_ff9a_bcde_f0ffn],
];

onEveryEngine("given a value, when part of it is stored, then only its bytes change", (engine) => {
  const hart = new BareHart(engine).setX(2, 0x1234_5678_9abc_def0n);
  for (const [name, offset, result] of STORES) {
    hart.placeDouble(DATA, u64(-1n)).set("pc", CODE).setX(1, DATA);
    hart.execute(new Program().i(name, { rs1: 1, rs2: 2, imm: offset }));
    assert.is(hart.double(DATA), result, `${name} at ${String(offset)}`);
  }
});

// prettier-ignore
const BRANCHES: readonly (readonly [name: string, a: bigint, b: bigint, taken: boolean])[] = [
  ["beq", 1n, 1n, true], ["beq", 1n, 2n, false], ["bne", 1n, 2n, true], ["bne", 1n, 1n, false],
  ["blt", -1n, 1n, true], ["blt", 1n, -1n, false], ["blt", 1n, 1n, false], ["bge", 1n, 1n, true], ["bge", -1n, 0n, false],
  ["bltu", 1n, -1n, true], ["bltu", -1n, 1n, false], ["bgeu", -1n, 1n, true], ["bgeu", 1n, -1n, false], ["bgeu", MIN, MIN, true],
];

onEveryEngine("given two values, when a branch compares them, then pc goes on or to the target", (engine) => {
  const hart = new BareHart(engine);
  for (const [name, a, b, taken] of BRANCHES) {
    for (const displacement of [-8, 4094, -4096, 6]) {
      hart.set("pc", CODE).setX(1, a).setX(2, b);
      hart.execute(new Program().i(name, { rs1: 1, rs2: 2, imm: displacement }));
      assert.is(hart.pc, CODE + BigInt(taken ? displacement : 4), `${name} ${String(a)}, ${String(b)}`);
    }
  }
});

onEveryEngine(
  "given jal and jalr, when they jump, then rd holds the next pc and bit 0 of the target is clear",
  (engine) => {
    const hart = new BareHart(engine).execute(new Program().i("jal", { rd: 1, imm: -2048 }));
    assert.is(hart.pc, CODE - 2048n);
    assert.is(hart.x(1), CODE + 4n);
    // The base is read before rd is written.
    hart.set("pc", CODE).setX(1, DATA + 2n);
    hart.execute(new Program().i("jalr", { rd: 1, rs1: 1, imm: -1 }));
    assert.is(hart.pc, DATA);
    assert.is(hart.x(1), CODE + 4n);
  },
);

onEveryEngine("given lui and auipc, when bit 31 is set, then the result is sign-extended", (engine) => {
  const hart = new BareHart(engine).execute(
    new Program().i("lui", { rd: 1, imm: 0x8000_0000 }).i("auipc", { rd: 2, imm: 0x8000_0000 }),
  );
  assert.is(hart.x(1), u64(MIN32));
  assert.is(hart.x(2), u64(CODE + 4n + MIN32));
});

test.run();
