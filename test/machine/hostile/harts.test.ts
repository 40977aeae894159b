/** Several harts that hinder each other or do nothing: the machine ends only where none of them can ever go on. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MIE } from "../../../src/machine/hart/mstatus.js";
import { MEMORY_MAP } from "../../../src/machine/memory-map.js";
import { retiredBy } from "../../../src/reducers/schedule.js";
import { Program, X } from "../../support/assemble.js";
import { endure, type Outcome } from "./hostile-guest.js";

const HARTS = 4;
const MHARTID = 0xf14;
const NO_HANDLER = { mtvec: 0n };
const SH3ADD = 0x2063_6333;

const CLINT = BigInt(MEMORY_MAP.clint.base);
const MTIMECMP = CLINT + 0x4000n;
const PLIC = BigInt(MEMORY_MAP.plic.base);

/** Hart 0 goes on with `first`, the others with `others`. */
const split = (first: (program: Program) => Program, others: (program: Program) => Program): Program =>
  first(
    others(new Program().i("csrr", { rd: X.t0, imm: MHARTID }).i("beq", { rs1: X.t0, rs2: 0, imm: "first" })).label(
      "first",
    ),
  );

const loop = (program: Program, label: string): Program => program.label(label).i("jal", { imm: label });
const wait = (program: Program, label: string): Program => program.label(label).i("wfi").i("jal", { imm: label });
const off = (program: Program): Program =>
  program
    .li(X.t1, BigInt(MEMORY_MAP.testFinisher.base))
    .li(X.t2, 0x5555n)
    .i("sw", { rs1: X.t1, rs2: X.t2, imm: 0 })
    .i("wfi");

const retired = ({ state }: Outcome): readonly number[] => retiredBy(state.schedule, state.position.icount);

test("given harts that all lock up, when the last one does, then the machine ends, and each first trap is told", () => {
  const program = split(
    (first) => first.word(SH3ADD),
    (others) => others.i("ecall"),
  );
  const { machine, stop } = endure({ program, harts: HARTS, fields: NO_HANDLER });
  assert.is(stop, "off");
  assert.match(machine.ended?.cause ?? "", /^trap loop of all harts, the last one hart \d, at pc 0x0: /);
  assert.is(machine.ended?.code, 1);
  assert.equal(
    machine.diagnosis.harts.map(({ hart, firstTrap }) => [hart, firstTrap?.cause]),
    [
      [0, 2n],
      [1, 11n],
      [2, 11n],
      [3, 11n],
    ],
  );
  assert.match(
    machine.diagnosis.text,
    /^hart 0: the first trap was illegal instruction.*sh3add of Zba.*; hart 1: the first/,
  );
});

test("given one hart that runs, when all others lock up, then it goes on, and the machine ends as it says", () => {
  const program = split(
    (first) =>
      off(
        first
          .li(X.a0, 1000n)
          .label("again")
          .i("addi", { rd: X.a0, rs1: X.a0, imm: -1 })
          .i("bne", { rs1: X.a0, rs2: 0, imm: "again" }),
      ),
    (others) => others.i("ecall"),
  );
  const { machine, stop } = endure({ program, harts: HARTS, fields: NO_HANDLER });
  assert.is(stop, "off");
  assert.is(machine.ended?.cause, "guest-shutdown");
});

test("given one hart that waits for what can't come, when all others lock up, then the machine is idle, and who is locked up is told", () => {
  const program = split(
    (first) => wait(first, "wait"),
    (others) => others.i("ecall"),
  );
  const { machine, stop } = endure({ program, harts: HARTS, fields: NO_HANDLER });
  assert.is(stop, "idle");
  assert.is(machine.ended, null);
  assert.equal(
    machine.diagnosis.harts.map(({ hart }) => hart),
    [1, 2, 3],
  );
});

test("given a hart that waits for its timer while the others are locked up, when it comes, then that hart goes on", () => {
  const program = split(
    (first) =>
      off(
        first
          .li(X.t1, MTIMECMP)
          .li(X.t2, 5000n)
          .i("sd", { rs1: X.t1, rs2: X.t2 })
          .li(X.t1, 0x80n)
          .i("csrrw", { rs1: X.t1, imm: 0x304 })
          .i("wfi"),
      ),
    (others) => others.i("ecall"),
  );
  const { machine, stop } = endure({ program, harts: HARTS, fields: NO_HANDLER });
  assert.is(stop, "off");
  assert.is(machine.ended?.cause, "guest-shutdown");
});

test("given harts that pause for ever, when they run, then all of them go on alike", () => {
  const program = new Program().label("again").word(PAUSE).i("jal", { imm: "again" });
  const outcome = endure({ program, harts: HARTS }, { insns: 6000 });
  assert.is(outcome.stop, "arrived");
  const counts = retired(outcome);
  assert.ok(Math.max(...counts) - Math.min(...counts) <= 600, counts.join());
});

test("given a hart that pauses for ever, when the others wait for ever, then the time passes, and it goes on alone", () => {
  const program = split(
    (first) => first.label("again").word(PAUSE).i("jal", { imm: "again" }),
    (others) => wait(others, "wait"),
  );
  const outcome = endure({ program, harts: HARTS }, { insns: 6000 });
  assert.is(outcome.stop, "arrived");
  assert.ok((retired(outcome)[0] ?? 0) > 5500);
});

test("given harts that all wait, when the first timer is almost 2^63 ns away, then the clock warps there, and it fires", () => {
  const ticks = ((1n << 63n) - 1n) / 100n;
  const program = split(
    (first) =>
      first
        .li(X.t1, MTIMECMP)
        .li(X.t2, -1n)
        .i("sd", { rs1: X.t1, rs2: X.t2 })
        .li(X.t1, MTIMECMP + 8n)
        .li(X.t2, ticks)
        .i("sd", { rs1: X.t1, rs2: X.t2 })
        .label("rest")
        .i("wfi")
        .i("jal", { imm: "rest" }),
    (others) => wait(others, "wait"),
  );
  const { machine, stop, events } = endure({ program, harts: 2, fields: { mie: 0x80n } }, { insns: 1000 });
  assert.ok(stop === "arrived" || stop === "idle", stop);
  assert.equal(
    events.slice(-1).map(({ event }) => event),
    [{ type: "clint/timerFired", hart: 1 }],
  );
  assert.is(machine.virtualNs >= ticks * 100n, true);
});

test("given harts that are not there, when they are interrupted and their timers are set, then nothing comes of it", () => {
  const program = split(
    (first) => {
      for (const hart of [BigInt(HARTS), 7n, 8n, 4094n]) {
        first
          .li(X.t1, CLINT + 4n * hart)
          .li(X.t2, 1n)
          .i("sw", { rs1: X.t1, rs2: X.t2 })
          .i("lw", { rd: X.s0, rs1: X.t1 });
        first
          .li(X.t1, MTIMECMP + 8n * (hart === 4094n ? 4093n : hart))
          .li(X.t2, 1n)
          .i("sd", { rs1: X.t1, rs2: X.t2 })
          .i("ld", { rd: X.s1, rs1: X.t1 });
        first.i("or", { rd: X.a0, rs1: X.a0, rs2: X.s0 }).i("or", { rd: X.a0, rs1: X.a0, rs2: X.s1 });
      }
      return loop(first, "end");
    },
    (others) => wait(others, "wait"),
  );
  const { state, stop, x, field } = endure({ program, harts: HARTS, fields: { mie: 0x88n } }, { insns: 2500 });
  assert.is(stop, "arrived");
  assert.is(x(X.a0), 0n);
  assert.is(field("mcause"), 0n);
  assert.is(state.platform.clint.msip.length, HARTS);
  assert.is(state.platform.clint.mtimecmp.length, HARTS);
  assert.equal(state.platform.clint.msip, new Array(HARTS).fill(false));
});

test("given PLIC contexts of harts that are not there, when they are used, then it answers as elsewhere, and the machine goes on", () => {
  const program = split(
    (first) => {
      for (const context of [2n * BigInt(HARTS), 2n * BigInt(HARTS) + 1n, 15n, 16n, 500n]) {
        for (const at of [
          PLIC + 0x2000n + 0x80n * context,
          PLIC + 0x60000n + 0x1000n * context,
          PLIC + 0x60004n + 0x1000n * context,
        ]) {
          first.li(X.t1, at).li(X.t2, 0xffff_ffffn).i("sw", { rs1: X.t1, rs2: X.t2 }).i("lw", { rd: X.s0, rs1: X.t1 });
        }
      }
      return loop(first, "end");
    },
    (others) => wait(others, "wait"),
  );
  const goOn = new Program()
    .i("csrr", { rd: X.t0, imm: 0x341 })
    .i("addi", { rd: X.t0, rs1: X.t0, imm: 4 })
    .i("csrrw", { rs1: X.t0, imm: 0x341 })
    .i("mret");
  const { state, stop } = endure({ program, handler: goOn, harts: HARTS }, { insns: 2500 });
  assert.is(stop, "arrived");
  assert.is(state.platform.plic.enable.length, 2 * HARTS);
});

test("given a hart that interrupts all others without end, when they handle it, then each of them goes on", () => {
  const program = split(
    (first) => {
      first.label("again");
      for (let hart = 1n; hart < 4n; hart += 1n)
        first
          .li(X.t1, CLINT + 4n * hart)
          .li(X.t2, 1n)
          .i("sw", { rs1: X.t1, rs2: X.t2 });
      return first.i("jal", { imm: "again" });
    },
    (others) => wait(others, "wait"),
  );
  const handler = new Program()
    .i("csrr", { rd: X.t0, imm: MHARTID })
    .i("slli", { rd: X.t0, rs1: X.t0, imm: 2 })
    .li(X.t1, CLINT)
    .i("add", { rd: X.t0, rs1: X.t0, rs2: X.t1 })
    .i("sw", { rs1: X.t0, rs2: 0 })
    .i("mret");
  const outcome = endure({ program, handler, harts: HARTS, fields: { mstatus: MIE, mie: 0x8n } }, { insns: 2500 });
  assert.is(outcome.stop, "arrived");
  assert.ok(
    retired(outcome).every((count) => count > 100),
    retired(outcome).join(),
  );
});

/** fence w, 0: Zihintpause. */
const PAUSE = 0x0100_000f;

test.run();
