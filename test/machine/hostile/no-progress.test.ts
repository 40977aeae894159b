/** Guests that retire nothing any more: each ends at once and says why, in place of a host that spins. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MIE } from "../../../src/machine/hart/mstatus.js";
import { WAITING } from "../../../src/machine/hart/fields.js";
import { fold } from "../../../src/machine/checked-fold.js";
import { Divergence } from "../../../src/machine/divergence.js";
import { Machine } from "../../../src/machine/machine.js";
import { Program } from "../../support/assemble.js";
import { encode } from "../../support/encode.js";
import { endure, HANDLER, RAM_END, stateOf, type Guest, type Outcome } from "./hostile-guest.js";

const ECALL = new Program().i("ecall");

function endsInTrapLoop(guest: Guest, at: bigint): Outcome {
  const outcome = endure(guest);
  assert.is(outcome.stop, "off");
  assert.match(outcome.machine.ended?.cause ?? "", `trap loop at pc 0x${at.toString(16)}`);
  assert.is.not(outcome.machine.ended?.code, 0);
  return outcome;
}

test("given a WFI and no interrupt that is enabled, when it runs, then it is idle and nothing will ever be due", () => {
  const { stop, machine, events } = endure({ program: new Program().i("wfi") });
  assert.is(stop, "idle");
  assert.is(machine.deadlineNs, undefined);
  assert.equal(events, []);
  assert.is(machine.position.icount, 1);
});

test("given a WFI and a timer whose interrupt is not enabled, then the clock warps to it once, and that is all", () => {
  const program = new Program().li(10, 0x200_4000n).li(11, 1000n).i("sd", { rs1: 10, rs2: 11 }).i("wfi");
  const { stop, events, machine } = endure({ program });
  assert.is(stop, "idle");
  assert.equal(
    events.map(({ event }) => event.type),
    ["clock/warped", "clint/timerFired"],
  );
  assert.is(machine.virtualNs, 100_000n);
});

test("given a trap vector where nothing is, when a trap is taken, then the machine ends at the vector", () => {
  for (const vector of [0n, RAM_END, 0x1000_0000n, 1n << 40n]) {
    endsInTrapLoop({ program: ECALL, fields: { mtvec: vector } }, vector);
  }
});

test("given a trap handler that begins with a trap, then the machine ends there", () => {
  const beginnings = [
    encode("ecall"),
    encode("ebreak"),
    0,
    encode("lw", { rd: 1, rs1: 0 }),
    encode("amoadd.w", { rd: 1, rs1: 0 }),
  ];
  for (const beginning of beginnings) {
    const { field } = endsInTrapLoop({ program: ECALL, handler: new Program().word(beginning) }, HANDLER);
    assert.is(field("mepc"), HANDLER);
  }
});

test("given M-mode interrupts pending and enabled, when M mode is in a trap loop, then they are masked and it ends", () => {
  const fields = { mtvec: 0n, mie: 0xaaan, mip: 0x222n };
  endsInTrapLoop({ program: ECALL, fields }, 0n);
});

test("given S mode in a trap loop of its own, when an M-mode timer comes, then M mode takes it", () => {
  const program = new Program()
    .li(10, 0x200_4000n)
    .li(11, 1000n)
    .i("sd", { rs1: 10, rs2: 11 })
    .csr(0x302, 0xb3ffn)
    .csr(0x305, HANDLER)
    .csr(0x105, 0n)
    .csr(0x304, 0x80n)
    .csr(0x3b0, -1n)
    .csr(0x3a0, 0x1fn)
    .csr(0x300, 0x800n)
    .csr(0x341, 0x40n)
    .i("mret");
  const { field, x, stop } = endure({
    program,
    handler: new Program().i("addi", { rd: 20, imm: 7 }).csr(0x304, 0n).i("wfi"),
  });
  assert.is(stop, "idle");
  assert.is(x(20), 7n);
  assert.is(field("mcause"), (1n << 63n) | 7n);
  assert.is(field("mepc"), 0n);
  assert.is(field("waiting"), WAITING.forPending);
});

test("given S mode in a trap loop and no interrupt that M mode would take, then the machine ends", () => {
  const fields = { privilege: 1n, medeleg: 0xb3ffn, stvec: 0n, pmpcfg0: 0x1fn, pmpaddr0: (1n << 54n) - 1n };
  endsInTrapLoop({ program: new Program().word(0), fields }, 0n);
});

test("given a jump to nowhere, when a run ends just before, at and after its trap, then the engines stop in the same state", () => {
  const program = new Program()
    .i("addi")
    .li(10, 1n << 40n)
    .i("jalr", { rs1: 10 });
  const handler = new Program().i("addi").i("addi").i("wfi");
  for (let insns = 1; insns <= program.length + 4; insns += 1) endure({ program, handler }, { insns });
});

test("given a run that ends just before a trap loop, then the states before and in it have positions of their own", () => {
  for (let insns = 0; insns < 6; insns += 1) {
    const { state, stop } = endure({ program: new Program().i("addi").i("ecall"), fields: { mtvec: 0n } }, { insns });
    assert.is(state.position.icount, Math.min(insns, 2));
    assert.is(stop, insns < 2 ? "arrived" : "off");
  }
});

test("given a handler that traps at its second instruction, then instructions retire and the budget ends it", () => {
  const { stop, machine } = endure({ program: ECALL, handler: new Program().i("addi").i("ecall") }, { insns: 500 });
  assert.is(stop, "arrived");
  assert.is(machine.position.icount, 500);
});

test("given two handlers that trap into each other, then it goes on for its budget or ends clearly", () => {
  // U mode traps to S, which returns to U at once: each turn retires the sret.
  const fields = { medeleg: 0xb3ffn, stvec: HANDLER, privilege: 0n, pmpcfg0: 0x1fn, pmpaddr0: (1n << 54n) - 1n };
  const { stop } = endure({ program: new Program().word(0), handler: new Program().i("sret"), fields }, { insns: 300 });
  assert.is(stop, "arrived");
});

test("given an endless loop with interrupts pending, when the budget is used up, then run comes back", () => {
  const { stop, machine } = endure({ fields: { mstatus: MIE, mie: 0xaaan, mip: 0x2n } }, { insns: 1000 });
  assert.is(stop, "arrived");
  assert.is(machine.position.icount, 1000);
});

test("given a recorded end in a trap loop, when it is folded where the machine runs on, then it is a divergence", () => {
  const machine = new Machine(stateOf({}));
  const event = { type: "machine/shutdown", cause: "trap loop at pc 0x0", code: 1 } as const;
  assert.throws(
    () => {
      fold(machine, { seq: 1, icount: 100, event });
    },
    (fault: unknown) => fault instanceof Divergence && fault.message.includes("machine/shutdown"),
  );
});

test("given a reset at each start, when it runs, then time goes on and the budget ends it", () => {
  const program = new Program().li(10, 0x10_0000n).li(11, 0x7777n).i("sw", { rs1: 10, rs2: 11 });
  const { stop, events, machine } = endure({ program }, { insns: 600, events: 1000 });
  assert.is(stop, "arrived");
  assert.is(machine.position.icount, 600);
  assert.ok(events.length > 50 && events.every(({ event }) => event.type === "machine/reset"));
});

test("given all codes that the finisher may be given, then it shuts down, resets or does nothing", () => {
  for (const value of [0n, 1n, 0x5555n, 0xffff_5555n, 0x3333n, 0x7_3333n, 0x7777n, 0xffff_ffffn, 0x3333_5555n]) {
    for (const store of ["sw", "sh"]) {
      const program = new Program().li(10, 0x10_0000n).li(11, value).i(store, { rs1: 10, rs2: 11 });
      const { stop, machine } = endure({ program: program.i("wfi") }, { insns: 40 });
      const low = value & 0xffffn;
      if (low === 0x5555n) assert.equal(machine.ended, { cause: "guest-shutdown", code: 0 });
      else if (low === 0x3333n)
        assert.equal(machine.ended, { cause: "guest-panic", code: store === "sw" ? Number(value >> 16n) : 0 });
      else assert.is(stop, low === 0x7777n ? "arrived" : "idle");
    }
  }
});

test("given a shutdown that was asked for, when the same program goes on to store, then nothing more runs", () => {
  const program = new Program().li(10, 0x10_0000n).li(11, 0x5555n).li(12, 0x7777n);
  program.i("sw", { rs1: 10, rs2: 11 }).i("sw", { rs1: 10, rs2: 12 });
  const { machine, events } = endure({ program });
  assert.equal(machine.ended, { cause: "guest-shutdown", code: 0 });
  assert.is(events.length, 1);
  assert.is(machine.run(1_000_000), "off");
});

test.run();
