/** Devices and timers used in every way but the right one: they answer, and the machine goes on. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MIE } from "../../../src/machine/hart/mstatus.js";
import { MEMORY_MAP } from "../../../src/machine/memory-map.js";
import type { MachineEvent } from "../../../src/reducers/events.js";
import { Program } from "../../support/assemble.js";
import { endure, HANDLER, seeded, type Guest } from "./hostile-guest.js";

const MTIMECMP = 0x200_4000n;
const MTIME = 0x200_bff8n;
const MTIP = { mstatus: MIE, mie: 0x80n };
const LOADS = ["lbu", "lhu", "lwu", "ld"] as const;
const STORES = ["sb", "sh", "sw", "sd"] as const;

/** Goes on after whatever trapped; an interrupt's cause is masked, so that none comes for ever. */
const GO_ON = new Program()
  .i("csrr", { rd: 5, imm: 0x342 })
  .i("bge", { rs1: 5, rs2: 0, imm: 20 })
  .i("csrr", { rd: 6, imm: 0x344 })
  .i("csrrc", { rs1: 6, imm: 0x304 })
  .i("addi")
  .i("mret")
  .i("csrr", { rd: 5, imm: 0x341 })
  .i("addi", { rd: 5, rs1: 5, imm: 4 })
  .i("csrrw", { rs1: 5, imm: 0x341 })
  .i("mret");

/** Random loads and stores, random values, in a device's range. */
function noise(base: number, rangeBytes: number, seed: bigint, accesses: number): Program {
  const random = seeded(seed);
  const program = new Program();
  for (let turn = 0; turn < accesses; turn += 1) {
    const which = Number(random() % 4n);
    const width = 1n << BigInt(which);
    const offset = ((random() % BigInt(rangeBytes)) / width) * width;
    program.li(10, BigInt(base) + offset).li(11, random() % 2n === 0n ? random() : random() % 32n);
    if (random() % 2n === 0n) program.i(STORES[which] ?? "sb", { rs1: 10, rs2: 11 });
    else program.i(LOADS[which] ?? "lbu", { rd: 12, rs1: 10 });
  }
  return program.i("wfi");
}

const ABUSED: readonly (readonly [name: string, base: number, range: number])[] = [
  ["UART", MEMORY_MAP.uart16550.base, 8],
  ["PLIC's priorities and pending bits", MEMORY_MAP.plic.base, 0x1100],
  ["PLIC's enables", MEMORY_MAP.plic.base + 0x2000, 0x200],
  ["PLIC's contexts", MEMORY_MAP.plic.base + 0x20_0000, 0x4000],
  ["CLINT", MEMORY_MAP.clint.base, 16],
  ["CLINT's timers", MEMORY_MAP.clint.base + 0x4000, 32],
  ["CLINT's mtime", MEMORY_MAP.clint.base + 0xbff0, 16],
  ["goldfish RTC", MEMORY_MAP.goldfishRtc.base, 0x24],
];

const typed: readonly MachineEvent[] = Array.from({ length: 40 }, (_, byte) => ({
  type: "uart16550/byteReceived",
  byte,
}));

for (const [name, base, range] of ABUSED) {
  test(`given the ${name}, when every register is used at random and interrupts are on, then it answers and goes on`, () => {
    for (let seed = 1n; seed <= 4n; seed += 1n) {
      const guest: Guest = {
        program: noise(base, range, seed, 150),
        handler: GO_ON,
        fields: { mstatus: MIE, mie: 0xaaan },
      };
      const { stop } = endure(guest, { insns: 30_000, input: typed, events: 20_000 });
      assert.ok(stop === "idle" || stop === "arrived", `seed ${String(seed)}: ${stop}`);
    }
  });
}

test("given all registers of a virtio slot, when they are used at random, then it answers and goes on", () => {
  for (let seed = 1n; seed <= 6n; seed += 1n) {
    const slot = MEMORY_MAP.virtio[Number(seed % 3n)]?.base ?? 0;
    const guest: Guest = { program: noise(slot, 0x200, seed, 200), handler: GO_ON, virtio: ["rng", "console"] };
    endure(guest, { insns: 30_000, events: 5000 });
  }
});

const storeAll = (...stores: (readonly [bigint, bigint])[]): Program => {
  const program = new Program();
  for (const [address, value] of stores) program.li(10, address).li(11, value).i("sd", { rs1: 10, rs2: 11 });
  return program;
};

test("given timers that are too far to be reached, when the hart waits, then it is idle and no clock warps", () => {
  for (const deadline of [(1n << 64n) - 1n, 1n << 63n, ((1n << 63n) - 1n) / 100n + 1n]) {
    const { stop, events } = endure({ program: storeAll([MTIMECMP, deadline]).i("wfi"), fields: { mie: 0x80n } });
    assert.is(stop, "idle");
    assert.equal(events, []);
  }
});

test("given the farthest timer there is, when the hart waits, then the clock warps to it and reads right", () => {
  const farthest = ((1n << 63n) - 1n) / 100n;
  const program = storeAll([MTIMECMP, farthest]).i("wfi").i("csrr", { rd: 20, imm: 0xc01 });
  program.li(10, MTIME).i("ld", { rd: 21, rs1: 10 }).csr(0x304, 0n).i("wfi");
  const { x, stop } = endure({ program, fields: { mie: 0x80n } });
  assert.is(stop, "idle");
  assert.is(x(20), farthest);
  assert.is(x(21), farthest);
});

test("given an mtime near its end, when a timer behind the wrap is set, then it is due at once", () => {
  // mtimecmp is compared as a number, not around the wrap: 5 lies in the past.
  const program = storeAll([MTIME, (1n << 64n) - 2n], [MTIMECMP, 5n])
    .csr(0x304, 0x80n)
    .i("wfi");
  const { events, field } = endure({
    program,
    handler: new Program().csr(0x304, 0n).i("wfi"),
    fields: { mstatus: MIE },
  });
  assert.equal(
    events.map(({ event }) => event.type),
    ["clint/timerFired", "clint/timerFired"],
  );
  assert.is(field("mcause"), (1n << 63n) | 7n);
});

test("given a handler that sets a timer of the past each time, then each fires once and the budget ends it", () => {
  const handler = new Program()
    .li(10, MTIMECMP)
    .i("sd", { rs1: 10, rs2: 0 })
    .i("addi", { rd: 20, rs1: 20, imm: 1 })
    .i("mret");
  const { stop, events, x } = endure({ handler, fields: MTIP }, { insns: 3000 });
  assert.is(stop, "arrived");
  assert.ok(events.length > 400 && events.every(({ event }) => event.type === "clint/timerFired"));
  assert.ok(x(20) >= BigInt(events.length) && x(20) <= BigInt(events.length) + 1n);
});

test("given mtimecmp stored on and on, when interrupts are off, then every expired one is one event, at its store", () => {
  const program = new Program().li(10, MTIMECMP).label("loop").i("sd", { rs1: 10, rs2: 0 }).i("jal", { imm: "loop" });
  const { stop, events } = endure({ program }, { insns: 1000 });
  assert.is(stop, "arrived");
  assert.is(new Set(events.map(({ icount }) => icount)).size, events.length);
});

test("given software and external interrupts that never fall, when the handler returns at once, then both modes starve and it ends", () => {
  // MSIP stays set; the handler counts and returns.
  const program = storeAll()
    .li(10, 0x200_0000n)
    .li(11, 1n)
    .i("sw", { rs1: 10, rs2: 11 })
    .label("on")
    .i("jal", { imm: "on" });
  const handler = new Program().i("addi", { rd: 20, rs1: 20, imm: 1 }).i("mret");
  const { stop, x } = endure(
    { program, handler, fields: { mstatus: MIE, mie: 0x8n, mtvec: HANDLER } },
    { insns: 2001 },
  );
  assert.is(stop, "arrived");
  assert.ok(x(20) > 900n);
});

test("given a PLIC source that is claimed and never completed, when it stays high, then it comes no second time", () => {
  const plic = BigInt(MEMORY_MAP.plic.base);
  const program = new Program();
  for (const [offset, value] of [
    [4n * 10n, 7n],
    [0x2000n, -1n],
    [0x20_0000n, 0n],
  ] as const) {
    program
      .li(10, plic + offset)
      .li(11, value)
      .i("sw", { rs1: 10, rs2: 11 });
  }
  program.li(10, 0x1000_0000n).li(11, 1n).i("sb", { rs1: 10, rs2: 11, imm: 1 }).i("wfi").i("jal", { imm: -4 });
  const handler = new Program().li(10, plic + 0x20_0004n).i("lw", { rd: 21, rs1: 10 });
  handler.i("addi", { rd: 20, rs1: 20, imm: 1 }).i("mret");
  const input = [{ type: "uart16550/byteReceived", byte: 65 }] as const;
  const { x, stop } = endure({ program, handler, fields: { mstatus: MIE, mie: 0x800n } }, { input });
  assert.is(stop, "idle");
  assert.equal([x(20), x(21)], [1n, 10n]);
});

test("given a driver that never acknowledges the THRE interrupt, when it claims and completes it, then the guest goes on", () => {
  const plic = BigInt(MEMORY_MAP.plic.base);
  const program = new Program();
  for (const [address, value] of [
    [plic + 40n, 1n],
    [plic + 0x2000n, 1n << 10n],
  ] as const)
    program.li(10, address).li(11, value).i("sw", { rs1: 10, rs2: 11 });
  program.li(10, BigInt(MEMORY_MAP.uart16550.base));
  program.li(11, 7n).i("sb", { rs1: 10, rs2: 11, imm: 2 }).li(11, 3n).i("sb", { rs1: 10, rs2: 11, imm: 1 });
  program.li(20, 1000n).label("on").i("addi", { rd: 20, rs1: 20, imm: -1 }).i("bne", { rs1: 20, rs2: 0, imm: -4 });
  program.csr(0x304, 0n).i("wfi");
  const handler = new Program()
    .li(12, plic + 0x20_0004n)
    .i("lw", { rd: 13, rs1: 12 })
    .i("sw", { rs1: 12, rs2: 13 });
  handler.i("addi", { rd: 21, rs1: 21, imm: 1 }).i("mret");
  const { x, stop } = endure({ program, handler, fields: { mstatus: MIE, mie: 0x800n } }, { insns: 10_000 });
  assert.is(stop, "idle");
  assert.equal([x(20), x(21)], [0n, 1n]);
});

test("given an atomic on the RTC, when the host's clock is read for it, then one reading does and it retires", () => {
  const program = new Program().li(10, BigInt(MEMORY_MAP.goldfishRtc.base)).i("amoadd.w", { rd: 20, rs1: 10 }).i("wfi");
  const { events, stop } = endure({ program });
  assert.is(stop, "idle");
  assert.equal(
    events.map(({ event }) => event.type),
    ["goldfishRtc/hostClockRead"],
  );
});

test("given a guest that reads the RTC, when no host answers, then the run stops there and can say why", () => {
  const program = new Program().li(10, BigInt(MEMORY_MAP.goldfishRtc.base)).i("lw", { rd: 20, rs1: 10 });
  const { stop, machine } = endure({ program }, { answer: () => [] });
  assert.is(stop, "awaiting");
  assert.is(machine.awaited, "goldfishRtc/hostClockRead");
});

test.run();
