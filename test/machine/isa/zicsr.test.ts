/** Zicsr, and what each CSR takes (unprivileged spec, chapter 6; privileged spec, chapters 2 to 4). */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { TRAP_CAUSE } from "../../../src/machine/hart/trap-causes.js";
import { Program } from "../../support/assemble.js";
import { encode } from "../../support/encode.js";
import { BareHart, CODE, onEveryEngine, type NamedEngine } from "../../support/engines.js";

const ONES = (1n << 64n) - 1n;

/** Writes ones to the CSR, then zeros; what it reads after each. */
function extremes(engine: NamedEngine, csr: number): [bigint, bigint] {
  const hart = new BareHart(engine).setX(1, ONES);
  hart.execute(
    new Program()
      .i("csrrw", { rs1: 1, imm: csr })
      .i("csrr", { rd: 2, imm: csr })
      .i("csrrw", { rs1: 0, imm: csr })
      .i("csrr", { rd: 3, imm: csr }),
  );
  return [hart.x(2), hart.x(3)];
}

const MISA = 0x8000_0000_0014_112dn;

// prettier-ignore
const WARL: readonly (readonly [name: string, csr: number, ones: bigint, zeros: bigint])[] = [
  ["fflags", 0x001, 0x1fn, 0n], ["frm", 0x002, 7n, 0n], ["fcsr", 0x003, 0xffn, 0n],
  ["sscratch", 0x140, ONES, 0n], ["sepc", 0x141, ONES - 1n, 0n], ["stval", 0x143, ONES, 0n],
  ["mscratch", 0x340, ONES, 0n], ["mepc", 0x341, ONES - 1n, 0n], ["mtval", 0x343, ONES, 0n],
  ["misa", 0x301, MISA, MISA], ["mideleg", 0x303, 0x222n, 0n], ["mie", 0x304, 0xaaan, 0n], ["mip", 0x344, 0x222n, 0n],
  // FS off takes XLEN_FIELDS only; all ones: MPP 3, FS dirty, SD.
  ["mstatus", 0x300, 0x8000_000a_007e_79aan, 0x0000_000a_0000_0000n], ["sstatus", 0x100, 0x8000_0002_000c_6122n, 0x0000_0002_0000_0000n],
  // Nothing is delegated, so there is nothing to see.
  ["sie", 0x104, 0n, 0n], ["sip", 0x144, 0n, 0n],
  // A reserved mode is not taken.
  ["satp", 0x180, 0n, 0n], ["pmpaddr0", 0x3b0, (1n << 54n) - 1n, 0n], ["mhpmcounter3", 0xb03, 0n, 0n], ["mhpmevent3", 0x323, 0n, 0n],
];

onEveryEngine("given ones and zeros, when they are written to a CSR, then it takes its legal bits", (engine) => {
  for (const [name, csr, ones, zeros] of WARL) assert.equal(extremes(engine, csr), [ones, zeros], name);
});

onEveryEngine("given a CSR, when it is set, cleared and swapped, then rd has the old value", (engine) => {
  const hart = new BareHart(engine).setX(1, 0b1100n).set("mscratch", 0b1010n);
  hart.execute(
    new Program()
      .i("csrrs", { rd: 2, rs1: 1, imm: 0x340 })
      .i("csrrc", { rd: 3, rs1: 1, imm: 0x340 })
      .i("csrrw", { rd: 1, rs1: 1, imm: 0x340 })
      .i("csrrsi", { rd: 4, uimm: 1, imm: 0x340 })
      .i("csrrci", { rd: 5, uimm: 8, imm: 0x340 })
      .i("csrrwi", { rd: 6, uimm: 31, imm: 0x340 }),
  );
  const seen = [2, 3, 1, 4, 5, 6].map((register) => hart.x(register));
  assert.equal(seen, [0b1010n, 0b1110n, 0b0010n, 0b1100n, 0b1101n, 0b0101n]);
  assert.is(hart.field("mscratch"), 31n);
});

const isIllegal = (
  engine: NamedEngine,
  word: number,
  prepare: (hart: BareHart) => unknown = () => undefined,
): boolean => {
  const hart = new BareHart(engine).set("pmpcfg0", 0x1fn).set("pmpaddr0", (1n << 54n) - 1n);
  prepare(hart);
  hart.place(CODE, new Program().word(word)).run(1);
  if (hart.field("mcause") !== TRAP_CAUSE.illegalInstruction) return false;
  assert.is(hart.field("mtval"), BigInt(word));
  assert.is(hart.field("mepc"), CODE);
  return true;
};

onEveryEngine("given a read-only CSR, when it is written, then illegal; with x0 or 0 it is only read", (engine) => {
  for (const [name, operands, illegal] of [
    ["csrrw", { rs1: 1, imm: 0xf14 }, true],
    ["csrrw", { rs1: 0, imm: 0xf14 }, true],
    ["csrrs", { rs1: 1, imm: 0xf14 }, true],
    ["csrrsi", { uimm: 1, imm: 0xc00 }, true],
    ["csrr", { imm: 0xf14 }, false],
    ["csrr.c", { imm: 0xc00 }, false],
    ["csrr.si", { imm: 0xf11 }, false],
    ["csrr.ci", { imm: 0xf12 }, false],
  ] as const) {
    assert.is(isIllegal(engine, encode(name, operands)), illegal, name);
  }
});

onEveryEngine("given a CSR that is not there, or above the privilege, when it is read, then illegal", (engine) => {
  const read = (csr: number): number => encode("csrr", { rd: 1, imm: csr });
  assert.ok(isIllegal(engine, read(0x800)));
  assert.ok(isIllegal(engine, read(0x7a0)));
  assert.ok(isIllegal(engine, read(0x3a1)), "the odd pmpcfg are RV32's");
  assert.ok(isIllegal(engine, read(0x300), (hart) => hart.set("privilege", 1n)));
  assert.ok(isIllegal(engine, read(0x100), (hart) => hart.set("privilege", 0n)));
  assert.not(isIllegal(engine, read(0x100), (hart) => hart.set("privilege", 1n)));
});

onEveryEngine("given TVM, when S reads satp or fences, then illegal; M may", (engine) => {
  const TVM = 1n << 20n;
  for (const word of [encode("csrr", { rd: 1, imm: 0x180 }), encode("sfence.vma")]) {
    assert.ok(isIllegal(engine, word, (hart) => hart.set("privilege", 1n).set("mstatus", TVM)));
    assert.not(isIllegal(engine, word, (hart) => hart.set("privilege", 1n)));
    assert.not(isIllegal(engine, word, (hart) => hart.set("mstatus", TVM)));
  }
});

onEveryEngine("given FS off, when anything of F is touched, then illegal", (engine) => {
  const off = (hart: BareHart): unknown => hart.set("mstatus", 0n);
  for (const word of [
    encode("csrr", { imm: 0x003 }),
    encode("fadd.d"),
    encode("flw"),
    encode("fsd"),
    encode("fmv.x.d", {}),
    encode("fclass.s"),
  ]) {
    assert.ok(isIllegal(engine, word, off), word.toString(16));
  }
});

onEveryEngine(
  "given counter enables, when S and U read the counters, then only where every level above allows",
  (engine) => {
    const read = encode("csrr", { rd: 1, imm: 0xc02 });
    const reads = (privilege: bigint, m: bigint, s: bigint): boolean =>
      !isIllegal(engine, read, (hart) => hart.set("privilege", privilege).set("mcounteren", m).set("scounteren", s));
    assert.equal([reads(3n, 0n, 0n), reads(1n, 0n, 4n), reads(1n, 4n, 0n)], [true, false, true]);
    assert.equal([reads(0n, 4n, 0n), reads(0n, 0n, 4n), reads(0n, 4n, 4n)], [false, false, true]);
  },
);

onEveryEngine(
  "given running instructions, when minstret is read and written, then it counts from the write",
  (engine) => {
    const hart = new BareHart(engine).setX(1, 1000n);
    hart.execute(
      new Program()
        .i("addi")
        .i("csrr", { rd: 2, imm: 0xb02 })
        .i("csrrw", { rd: 3, rs1: 1, imm: 0xb02 })
        .i("csrr", { rd: 4, imm: 0xb02 })
        .i("csrr", { rd: 5, imm: 0xc02 })
        .i("csrr", { rd: 6, imm: 0xb00 }),
    );
    assert.equal(
      [2, 3, 4, 5, 6].map((register) => hart.x(register)),
      [1n, 2n, 1000n, 1001n, 5n],
    );
  },
);

onEveryEngine(
  "given the virtual clock, when time is read, then bias and icount count, in units of 100 ns",
  (engine) => {
    const hart = new BareHart(engine);
    hart.clockBiasNs = 5000n;
    hart.clockShift = 7;
    hart.setMtimeOffset(3n);
    hart.execute(new Program().i("addi").i("addi").i("csrr", { rd: 2, imm: 0xc01 }));
    assert.is(hart.x(2), (5000n + 2n * 128n) / 100n + 3n);
  },
);

onEveryEngine(
  "given mip, when S software sets SSIP, then only what is delegated changes, and a device's line stays",
  (engine) => {
    const hart = new BareHart(engine).setX(1, 0x222n).set("mideleg", 0x2n);
    hart.raise(0x200n);
    hart.execute(
      new Program()
        .i("csrrs", { rd: 2, rs1: 1, imm: 0x144 })
        .i("csrr", { rd: 3, imm: 0x344 })
        .i("csrrc", { rs1: 1, imm: 0x344 })
        .i("csrr", { rd: 4, imm: 0x344 }),
    );
    assert.equal(
      [2, 3, 4].map((register) => hart.x(register)),
      [0n, 0x202n, 0x200n],
    );
  },
);

onEveryEngine("given MPP, when the reserved 2 is written, then the old one stays", (engine) => {
  const hart = new BareHart(engine).setX(1, 2n << 11n).set("mstatus", 1n << 11n);
  hart.execute(new Program().i("csrrw", { rs1: 1, imm: 0x300 }));
  assert.is((hart.field("mstatus") >> 11n) & 3n, 1n);
});

test.run();
