/** Traps, interrupts, delegation, xRET and WFI (privileged spec, §3.1.6 to §3.3.3, §4.1). */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { NO_RESERVATION, WAITING } from "../../../src/machine/hart/fields.js";
import {
  FS_DIRTY,
  MIE,
  MPIE,
  MPP_MASK,
  MPP_SHIFT,
  MPRV,
  PRIVILEGE,
  SIE,
  SPIE,
  SPP,
  TSR,
  TW,
} from "../../../src/machine/hart/mstatus.js";
import { TRAP_CAUSE } from "../../../src/machine/hart/trap-causes.js";
import { Program } from "../../support/assemble.js";
import { encode } from "../../support/encode.js";
import { BareHart, CODE, DATA, HANDLER, onEveryEngine } from "../../support/engines.js";
import { openPmp } from "../../support/sv39.js";

const S_HANDLER = HANDLER + 0x100n;
const INTERRUPT = 1n << 63n;
const bit = (number: bigint): bigint => 1n << number;
const SPIN = new Program().i("jal", { imm: 0 });

const hartIn = (hart: BareHart, privilege: bigint): BareHart =>
  openPmp(hart).set("privilege", privilege).set("stvec", S_HANDLER).place(S_HANDLER, SPIN).place(CODE, SPIN);

onEveryEngine(
  "given each privilege, when ecall and ebreak run, then cause, epc, tval and status are the manual's",
  (engine) => {
    for (const privilege of Object.values(PRIVILEGE)) {
      for (const [name, cause, value] of [
        ["ecall", TRAP_CAUSE.ecallFromU + privilege, 0n],
        ["ebreak", TRAP_CAUSE.breakpoint, 0n],
      ] as const) {
        const hart = hartIn(new BareHart(engine), privilege).set("mstatus", FS_DIRTY | MIE);
        hart.place(CODE, new Program().i(name)).run(1);
        assert.equal(
          [hart.field("mcause"), hart.field("mepc"), hart.field("mtval"), hart.field("privilege")],
          [cause, CODE, value, PRIVILEGE.machine],
        );
        assert.is(hart.field("mstatus"), FS_DIRTY | MPIE | (privilege << MPP_SHIFT));
        assert.is(hart.icount, 1, "the trapping instruction is not counted, the handler's first is");
      }
    }
  },
);

onEveryEngine("given a delegated exception, when S or U traps, then to S; from M never", (engine) => {
  for (const privilege of [PRIVILEGE.user, PRIVILEGE.supervisor]) {
    const hart = hartIn(new BareHart(engine), privilege).set("medeleg", bit(TRAP_CAUSE.breakpoint)).set("mstatus", SIE);
    hart.set("stval", 99n);
    hart.place(CODE, new Program().i("ebreak")).run(1);
    assert.equal(
      [hart.field("scause"), hart.field("sepc"), hart.field("stval"), hart.field("privilege"), hart.pc],
      [TRAP_CAUSE.breakpoint, CODE, 0n, PRIVILEGE.supervisor, S_HANDLER],
    );
    assert.is(hart.field("mstatus"), SPIE | (privilege === PRIVILEGE.supervisor ? SPP : 0n));
    assert.is(hart.field("mcause"), 0n);
  }
  const hart = hartIn(new BareHart(engine), PRIVILEGE.machine).set("medeleg", bit(TRAP_CAUSE.breakpoint));
  hart.place(CODE, new Program().i("ebreak")).run(1);
  assert.equal([hart.field("mcause"), hart.field("scause")], [TRAP_CAUSE.breakpoint, 0n]);
});

/** mstatus before and after, and where it leads. */
// prettier-ignore
const RETURNS: readonly (readonly [name: string, before: bigint, after: bigint, privilege: bigint])[] = [
  ["mret", MPIE | (3n << MPP_SHIFT) | MPRV, MIE | MPIE | MPRV, 3n],
  ["mret", MPIE | (1n << MPP_SHIFT) | MPRV, MIE | MPIE, 1n],
  ["mret", MIE, MPIE, 0n],
  ["sret", SPIE | SPP | MPRV, SIE | SPIE, 1n],
  ["sret", SIE | MIE, SPIE | MIE, 0n],
];

onEveryEngine(
  "given xPIE, xPP and MPRV, when mret and sret run, then the status and the privilege are restored",
  (engine) => {
    for (const [name, before, after, privilege] of RETURNS) {
      const hart = openPmp(new BareHart(engine)).set("mstatus", before).set("mepc", DATA).set("sepc", DATA);
      hart.set("reservation", 8n).execute(new Program().i(name));
      assert.equal([hart.field("mstatus"), hart.field("privilege"), hart.pc], [after, privilege, DATA], name);
      assert.is(hart.field("reservation"), NO_RESERVATION);
      assert.is(hart.icount, 1);
    }
  },
);

onEveryEngine("given a privileged instruction, when the privilege or TSR, TW forbid it, then illegal", (engine) => {
  for (const [name, privilege, status, legal] of [
    ["mret", 1n, 0n, false],
    ["sret", 0n, 0n, false],
    ["sret", 1n, TSR, false],
    ["sret", 3n, TSR, true],
    ["wfi", 0n, 0n, false],
    ["wfi", 1n, TW, false],
    ["wfi", 3n, TW, true],
    ["wfi", 1n, 0n, true],
    ["sfence.vma", 0n, 0n, false],
    ["sfence.vma", 1n, 0n, true],
  ] as const) {
    const hart = hartIn(new BareHart(engine), privilege).set("mstatus", status);
    hart.place(CODE, new Program().i(name)).run(1);
    assert.is(hart.field("mcause") === 0n, legal, `${name} in ${String(privilege)}`);
    if (!legal) assert.is(hart.field("mtval"), BigInt(encode(name)));
  }
});

onEveryEngine("given all interrupts pending, when each is taken in turn, then in the manual's order", (engine) => {
  const seen: bigint[] = [];
  let left = 0xaaan;
  while (left !== 0n) {
    const hart = hartIn(new BareHart(engine), PRIVILEGE.machine).set("mie", 0xaaan).set("mstatus", MIE);
    hart.raise(left);
    hart.run(1);
    assert.is(hart.field("mepc"), CODE);
    assert.is(hart.field("mcause") & INTERRUPT, INTERRUPT);
    const number = hart.field("mcause") & 0x3fn;
    seen.push(number);
    left &= ~bit(number);
  }
  // §3.1.9: MEI, MSI, MTI, SEI, SSI, STI.
  assert.equal(seen, [11n, 3n, 7n, 9n, 1n, 5n]);
});

/** Interrupt 5, STI: who takes it. */
// prettier-ignore
const TAKERS: readonly (readonly [privilege: bigint, status: bigint, delegated: boolean, taker: "M" | "S" | "nobody"])[] = [
  [3n, 0n, false, "nobody"], [3n, MIE, false, "M"], [3n, MIE | SIE, true, "nobody"],
  [1n, 0n, false, "M"], [1n, 0n, true, "nobody"], [1n, SIE, true, "S"], [1n, SIE, false, "M"],
  [0n, 0n, false, "M"], [0n, 0n, true, "S"],
];

onEveryEngine(
  "given privilege, enables and delegation, when an interrupt is pending, then the right level takes it",
  (engine) => {
    for (const [privilege, status, delegated, taker] of TAKERS) {
      const hart = hartIn(new BareHart(engine), privilege)
        .set("mstatus", status)
        .set("mie", bit(5n))
        .set("mip", bit(5n));
      hart.set("mideleg", delegated ? bit(5n) : 0n).run(1);
      const expected = { M: HANDLER, S: S_HANDLER, nobody: CODE }[taker];
      assert.is(hart.pc, expected, `${String(privilege)} ${String(status)} ${String(delegated)}`);
      if (taker === "S") assert.equal([hart.field("scause"), hart.field("stval")], [INTERRUPT | 5n, 0n]);
    }
  },
);

onEveryEngine("given M's and S's interrupts, when both can be taken, then M's first, whatever its number", (engine) => {
  const hart = hartIn(new BareHart(engine), PRIVILEGE.supervisor).set("mstatus", SIE).set("mie", 0xaaan);
  hart.set("mideleg", bit(9n)).set("mip", bit(9n));
  hart.raise(bit(7n));
  hart.run(1);
  assert.equal([hart.field("mcause"), hart.field("scause")], [INTERRUPT | 7n, 0n]);
});

onEveryEngine(
  "given a vectored handler, when traps come, then interrupts go by their number and exceptions to the base",
  (engine) => {
    const vectors = CODE + 0x400n;
    const hart = hartIn(new BareHart(engine), PRIVILEGE.machine)
      .set("mtvec", vectors | 1n)
      .set("mstatus", MIE);
    hart
      .set("mie", bit(7n))
      .place(vectors + 28n, SPIN)
      .place(vectors, SPIN);
    hart.raise(bit(7n));
    hart.run(1);
    assert.is(hart.pc, vectors + 28n);
    hart.set("pc", CODE).place(CODE, new Program().i("ebreak")).run(1);
    assert.is(hart.pc, vectors);
  },
);

onEveryEngine(
  "given an instruction that enables what is pending, when it has retired, then the trap comes before the next",
  (engine) => {
    for (const [csr, value, prepare] of [
      [0x300, MIE, (hart: BareHart) => hart.set("mie", bit(7n))],
      [0x304, bit(7n), (hart: BareHart) => hart.set("mstatus", MIE)],
    ] as const) {
      const hart = hartIn(new BareHart(engine), PRIVILEGE.machine).setX(1, value);
      prepare(hart);
      hart.raise(bit(7n));
      hart.place(CODE, new Program().i("csrrs", { rs1: 1, imm: csr }).i("addi", { rd: 2, imm: 1 }));
      hart.run(2);
      assert.equal([hart.field("mepc"), hart.x(2), hart.field("mcause")], [CODE + 4n, 0n, INTERRUPT | 7n]);
    }
  },
);

onEveryEngine(
  "given WFI, when nothing is pending, then the hart is idle until something is, enabled or not",
  (engine) => {
    const hart = hartIn(new BareHart(engine), PRIVILEGE.machine).set("mie", bit(7n));
    hart.place(CODE, new Program().i("wfi").i("addi", { rd: 2, imm: 1 }));
    assert.is(hart.run(10), "idle");
    assert.equal([hart.icount, hart.pc, hart.field("waiting")], [1, CODE + 4n, WAITING.forPending]);
    assert.is(hart.run(10), "idle");
    // Not enabled in mie: no reason to wake.
    hart.raise(bit(3n));
    assert.is(hart.run(10), "idle");
    hart.raise(bit(7n));
    assert.is(hart.run(1), "budget");
    assert.equal([hart.icount, hart.x(2), hart.field("waiting")], [2, 1n, WAITING.no]);
  },
);

onEveryEngine("given WFI with an enabled interrupt, when it wakes, then epc is the instruction behind it", (engine) => {
  const hart = hartIn(new BareHart(engine), PRIVILEGE.machine).set("mie", bit(7n)).set("mstatus", MIE);
  hart.place(CODE, new Program().i("wfi"));
  assert.is(hart.run(10), "idle");
  hart.raise(bit(7n));
  hart.run(1);
  assert.equal([hart.field("mepc"), hart.pc], [CODE + 4n, HANDLER]);
});

onEveryEngine(
  "given handlers that begin with their own trap, when one is entered, then the run ends, and an interrupt can still be taken",
  (engine) => {
    // M: nothing is there at all.
    const lost = hartIn(new BareHart(engine), PRIVILEGE.machine).set("mtvec", 0n).place(CODE, new Program().word(0));
    assert.is(lost.run(1000), "idle");
    assert.equal(
      [lost.icount, lost.field("waiting"), lost.field("mcause")],
      [0, WAITING.forTaken, TRAP_CAUSE.instructionAccessFault],
    );
    assert.is(lost.run(1000), "idle");
    // S: zeros are illegal; a timer of M's is behind it.
    const hart = hartIn(new BareHart(engine), PRIVILEGE.supervisor).place(CODE, new Program().word(0));
    hart
      .set("medeleg", bit(TRAP_CAUSE.illegalInstruction))
      .set("stvec", DATA)
      .set("mie", bit(7n) | bit(5n));
    assert.is(hart.run(1000), "idle");
    assert.equal([hart.icount, hart.pc, hart.field("scause")], [0, DATA, TRAP_CAUSE.illegalInstruction]);
    // Pending, but S has its interrupts off: nothing changes.
    hart.set("mideleg", bit(5n)).set("mip", bit(5n));
    assert.is(hart.run(1000), "idle");
    hart.raise(bit(7n));
    assert.is(hart.run(5), "budget");
    assert.equal([hart.field("mcause"), hart.field("mepc"), hart.field("waiting")], [INTERRUPT | 7n, DATA, WAITING.no]);
    assert.is(hart.field("mstatus") & MPP_MASK, 1n << MPP_SHIFT);
  },
);

test.run();
