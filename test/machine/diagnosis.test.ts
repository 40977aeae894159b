/** Why a machine is stuck, in words: the first trap of a loop, and a mode of translation that is not there. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { fold } from "../../src/machine/fold.js";
import { Machine } from "../../src/machine/machine.js";
import { Program } from "../support/assemble.js";
import { engines } from "../support/engines.js";
import { CODE, stateOf, type Guest } from "./hostile/hostile-guest.js";

const SH3ADD = 0x2063_6333;
const CSRW_STIMECMP = 0x14d2_9073;
/** No handler: the first trap goes to address 0, where there is nothing. */
const NO_HANDLER = { mtvec: 0n };

/** Runs until the machine is off, or so far. */
function stuck(guest: Guest, engine: (typeof engines)[number], insns = 100): Machine {
  const machine = new Machine(stateOf(guest), { engine: engine.create });
  for (;;) {
    const stop = machine.run(insns);
    if (stop !== "due") return machine;
    const event = machine.due();
    assert.ok(event);
    machine.apply(event);
  }
}

for (const engine of engines) {
  const explains = (guest: Guest, text: RegExp): Machine => {
    const machine = stuck(guest, engine);
    assert.match(machine.diagnosis.text, text);
    return machine;
  };

  test(`${engine.name}: given an illegal instruction and no handler, when it loops, then the first trap and the extension are named`, () => {
    const program = new Program().i("addi").word(SH3ADD);
    const machine = explains(
      { program, fields: NO_HANDLER },
      /the first trap was illegal instruction \(cause 2\) at pc 0x80001004 in M mode, value 0x20636333: the instruction 33 63 63 20 is sh3add of Zba, which this machine lacks/,
    );
    const firstTrap = { isInterrupt: false, cause: 2n, value: BigInt(SH3ADD), pc: CODE + 4n, privilege: 3 };
    assert.equal(machine.diagnosis.harts, [{ hart: 0, firstTrap: { ...firstTrap, extension: "Zba" } }]);
    assert.match(machine.ended?.cause ?? "", /^trap loop at pc 0x0: /);
  });

  test(`${engine.name}: given a CSR of another extension, when it is written, then CSR and extension are named`, () => {
    explains({ program: new Program().word(CSRW_STIMECMP), fields: NO_HANDLER }, /CSR stimecmp of Sstc/);
  });

  test(`${engine.name}: given zeros, an unknown encoding, a CSR out of reach and an instruction out of its mode, then each is said`, () => {
    const fields = { ...NO_HANDLER, privilege: 1n, pmpcfg0: 0x1fn, pmpaddr0: (1n << 54n) - 1n };
    explains({ program: new Program().word(0), fields }, /there are zeros and no code/);
    explains({ program: new Program().word(0xffff_ffff), fields }, /ff ff ff ff is none that is known/);
    explains(
      { program: new Program().i("csrr", { rd: 1, imm: 0x300 }), fields },
      /the CSR mstatus, which can't be reached/,
    );
    explains(
      { program: new Program().i("csrr", { rd: 1, imm: 0x5c0 }), fields },
      /CSR 0x5c0, which this machine lacks/,
    );
    explains({ program: new Program().i("mret"), fields }, /is mret, which the mode or mstatus does not permit/);
  });

  test(`${engine.name}: given a chain over two handlers, when each begins with a trap, then the first one is told`, () => {
    const fields = {
      privilege: 1n,
      medeleg: 0xb3ffn,
      stvec: 0n,
      mtvec: 0n,
      pmpcfg0: 0x1fn,
      pmpaddr0: (1n << 54n) - 1n,
    };
    explains(
      { program: new Program().i("ecall"), fields },
      /environment call from S mode \(cause 9\) at pc 0x80001000 in S mode/,
    );
  });

  test(`${engine.name}: given traps that were handled, when a later one loops, then that one is told`, () => {
    // The handler of the first trap goes on behind it, with no handler any more.
    const program = new Program().i("ecall").i("csrrw", { imm: 0x305 }).i("ebreak");
    const handler = new Program()
      .i("csrr", { rd: 1, imm: 0x341 })
      .i("addi", { rd: 1, rs1: 1, imm: 4 })
      .i("csrrw", { rs1: 1, imm: 0x341 })
      .i("mret");
    explains({ program, handler }, /breakpoint \(cause 3\) at pc 0x80001008 in M mode/);
  });

  test(`${engine.name}: given satp with a mode that is not there, when translation stays off, then that is said, and no more once it is on`, () => {
    const refused = new Program().li(5, 9n << 60n).i("csrrw", { rs1: 5, imm: 0x180 });
    const machine = stuck(
      {
        program: new Program()
          .li(5, 9n << 60n)
          .i("csrrw", { rs1: 5, imm: 0x180 })
          .i("jal"),
      },
      engine,
    );
    assert.match(machine.diagnosis.text, /satp was to get mode 9 \(Sv48\), and this machine has Sv39 alone/);
    assert.is(machine.diagnosis.harts[0]?.refusedTranslation?.mode, 9);
    const fallenBack = refused
      .li(5, 8n << 60n)
      .i("csrrw", { rs1: 5, imm: 0x180 })
      .i("jal");
    assert.is(stuck({ program: fallenBack }, engine).diagnosis.text, "");
  });

  test(`${engine.name}: given a machine that runs, or whose state was loaded, then there is nothing to say`, () => {
    assert.is(stuck({ program: new Program().i("jal") }, engine).diagnosis.text, "");
    const machine = stuck({ program: new Program().word(SH3ADD), fields: NO_HANDLER }, engine);
    const [shutdown] = [
      { seq: 1, icount: machine.position.icount, event: { type: "machine/shutdown", ...machine.ended } },
    ];
    const hash = machine.hash();
    machine.load(machine.state());
    assert.is(machine.diagnosis.text, "");
    assert.is(machine.hash(), hash);
    // A replay from the start comes to the same explanation.
    const replayed = new Machine(stateOf({ program: new Program().word(SH3ADD), fields: NO_HANDLER }), {
      engine: engine.create,
    });
    fold(replayed, shutdown as Parameters<typeof fold>[1]);
    assert.match(replayed.diagnosis.text, /sh3add of Zba/);
    assert.is(replayed.hash(), hash);
  });
}

test.run();
