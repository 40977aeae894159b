/** Physical memory protection (privileged spec, §3.7). */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MPRV, MPP_SHIFT } from "../../../src/machine/hart/mstatus.js";
import { TRAP_CAUSE } from "../../../src/machine/hart/trap-causes.js";
import { Program } from "../../support/assemble.js";
import { BareHart, CODE, DATA, HANDLER, onEveryEngine, type NamedEngine } from "../../support/engines.js";
import { ALL, entry, leafAddress, map, MAPPED, openPmp, pageIn, PTE, rootAddress } from "../../support/sv39.js";

const [R, W, X, TOR, NA4, NAPOT, L] = [1n, 2n, 4n, 1n << 3n, 2n << 3n, 3n << 3n, 0x80n] as const;

const napot = (base: bigint, size: bigint): bigint => (base >> 2n) | (size / 8n - 1n);

/** As S by MPRV, so that the instruction itself is M's. */
function reads(hart: BareHart, address: bigint, width: "lb" | "ld" = "lb", faulting = address): boolean {
  hart
    .set("mstatus", MPRV | (1n << MPP_SHIFT))
    .set("privilege", 3n)
    .set("pc", CODE)
    .setX(1, address);
  hart.place(CODE, new Program().i(width, { rd: 3, rs1: 1 })).run(1);
  if (hart.pc === CODE + 4n) return true;
  assert.is(hart.field("mcause"), TRAP_CAUSE.loadAccessFault);
  assert.is(hart.field("mtval"), faulting);
  return false;
}

const pmp = (engine: NamedEngine, ...entries: readonly (readonly [config: bigint, address: bigint])[]): BareHart => {
  const hart = openPmp(new BareHart(engine));
  entries.forEach(([, address], index) => hart.set(`pmpaddr${index as 0 | 1 | 2 | 3}`, address));
  return hart.set(
    "pmpcfg0",
    entries.reduce((configs, [config], index) => configs | (config << BigInt(8 * index)), 0n),
  );
};

onEveryEngine("given no entry that matches, when S reads, then a fault, and M may do all", (engine) => {
  const hart = new BareHart(engine);
  assert.not(reads(hart, DATA));
  hart.set("mstatus", 0n).set("privilege", 3n).set("pc", CODE).run(1);
  assert.is(hart.pc, CODE + 4n);
});

onEveryEngine(
  "given NA4, NAPOT and TOR, when the bytes around their ends are read, then the range is exact",
  (engine) => {
    for (const [name, size, entries] of [
      ["NA4", 4n, [[NA4, DATA >> 2n]]],
      ["NAPOT 8", 8n, [[NAPOT, napot(DATA, 8n)]]],
      ["NAPOT 4096", 4096n, [[NAPOT, napot(DATA, 4096n)]]],
      [
        "TOR",
        12n,
        [
          [0n, DATA >> 2n],
          [TOR, (DATA + 12n) >> 2n],
        ],
      ],
    ] as const) {
      const hart = pmp(engine, ...entries);
      const seen = [DATA - 1n, DATA, DATA + size - 1n, DATA + size].map((address) => reads(hart, address));
      assert.equal(seen, [true, false, false, true], name);
    }
  },
);

onEveryEngine("given two entries, when both match, then the lower one decides", (engine) => {
  assert.ok(reads(pmp(engine, [NA4 | R, DATA >> 2n], [NAPOT, napot(DATA, 4096n)]), DATA));
  assert.not(reads(pmp(engine, [NA4, DATA >> 2n], [NAPOT | R, napot(DATA, 4096n)]), DATA));
});

onEveryEngine(
  "given an entry that matches a part of an access, when it is made, then a fault although it permits",
  (engine) => {
    const hart = pmp(engine, [NA4 | R | W | X, DATA >> 2n]);
    assert.ok(reads(hart, DATA));
    assert.not(reads(hart, DATA, "ld"));
    // Page by page where it crosses: the second page's part alone is denied.
    assert.not(reads(pmp(engine, [NA4, (DATA + 0x1000n) >> 2n]), DATA + 0xffcn, "ld", DATA + 0x1000n));
  },
);

onEveryEngine("given an unlocked entry, when M is denied, then only by a locked one", (engine) => {
  const inM = (config: bigint): boolean => {
    const hart = pmp(engine, [config, DATA >> 2n]).setX(1, DATA);
    hart.place(CODE, new Program().i("sw", { rs1: 1 })).run(1);
    if (hart.pc !== CODE + 4n) assert.is(hart.field("mcause"), TRAP_CAUSE.storeAccessFault);
    return hart.pc === CODE + 4n;
  };
  assert.equal([NA4, NA4 | L, NA4 | L | R, NA4 | L | R | W].map(inM), [true, false, false, true]);
});

onEveryEngine(
  "given a page that PMP splits, when code runs through it, then the first denied halfword faults",
  (engine) => {
    // The four bytes at CODE + 8 may not run: an instruction of 4 bytes that begins 2 before them is cut in two.
    const hart = pmp(engine, [NA4 | R | W, (CODE + 8n) >> 2n]).set("privilege", 1n);
    hart.place(CODE, new Program().half(0x0001).half(0x0001).half(0x0001).i("addi", { rd: 1, imm: 1 }));
    hart.run(4);
    assert.is(hart.field("mcause"), TRAP_CAUSE.instructionAccessFault);
    assert.is(hart.field("mepc"), CODE + 6n);
    assert.is(hart.field("mtval"), CODE + 8n);
    assert.is(hart.icount, 4, "three instructions, and one of the handler");
  },
);

onEveryEngine(
  "given running code, when it takes its own right to run away, then the next instruction faults",
  (engine) => {
    const hart = pmp(engine, [NAPOT | R | W | X, napot(CODE, 4096n)]).setX(1, NAPOT | L);
    hart.place(CODE, new Program().i("addi").i("csrrw", { rs1: 1, imm: 0x3a0 }).i("addi"));
    hart.run(2);
    assert.is(hart.pc, CODE + 8n);
    hart.run(1);
    assert.is(hart.field("mcause"), TRAP_CAUSE.instructionAccessFault);
    assert.is(hart.field("mepc"), CODE + 8n);
  },
);

onEveryEngine("given a page table that S may not read, when it is walked, then an access fault", (engine) => {
  const hart = map(pageIn(new BareHart(engine)), MAPPED, DATA).setX(1, MAPPED);
  hart.set("pmpaddr0", napot(rootAddress(0n), 4096n)).set("pmpcfg0", NAPOT | X);
  hart.set("privilege", 1n).set("satp", hart.field("satp"));
  hart.run(1);
  assert.is(hart.field("mcause"), TRAP_CAUSE.instructionAccessFault);
  assert.is(hart.field("mtval"), CODE);
  assert.is(hart.double(rootAddress(0x8000_0000n)), entry(0x8000_0000n, 0xcfn | PTE.A));
});

onEveryEngine(
  "given locked entries, when they are written, then they and the start of a locked TOR range stay",
  (engine) => {
    const hart = new BareHart(engine).setX(1, (1n << 64n) - 1n);
    hart.set("pmpcfg0", (L << 8n) | ((L | TOR) << 24n)).set("pmpaddr2", 7n);
    const write = (csr: number): Program => new Program().i("csrrw", { rs1: 1, imm: csr });
    for (const csr of [0x3b0, 0x3b1, 0x3b2, 0x3b3, 0x3a0]) hart.set("pc", CODE).execute(write(csr));
    assert.is(hart.field("pmpaddr0"), (1n << 54n) - 1n);
    assert.is(hart.field("pmpaddr1"), 0n);
    assert.is(hart.field("pmpaddr2"), 7n);
    assert.is(hart.field("pmpaddr3"), 0n);
    assert.is(hart.field("pmpcfg0"), 0x9f9f_9f9f_889f_809fn);
  },
);

onEveryEngine(
  "given a TOR entry whose bounds are equal or the wrong way round, when the bytes around them are read, then the next entry decides",
  (engine) => {
    for (const [low, high] of [
      [4n, 4n],
      [0n, 0n],
      [8n, 4n],
      [4n, 0n],
      [0x1000n, 4n],
    ] as const) {
      const bounds = [
        [0n, (DATA + low) >> 2n],
        [TOR, (DATA + high) >> 2n],
      ] as const;
      assert.ok(reads(pmp(engine, ...bounds, [NAPOT | R, napot(DATA, 4096n)]), DATA, "ld"), `${low} to ${high}`);
      assert.not(reads(pmp(engine, ...bounds, [NAPOT, napot(DATA, 4096n)]), DATA, "ld"), `${low} to ${high}`);
    }
  },
);

onEveryEngine(
  "given a page table that may be read and not written, when a walk has to set A or D, then an access fault, and the entry stays",
  (engine) => {
    for (const [access, flags, fault] of [
      ["ld", ALL, undefined],
      ["ld", ALL & ~PTE.A, TRAP_CAUSE.loadAccessFault],
      ["sd", ALL & ~PTE.D, TRAP_CAUSE.storeAccessFault],
      ["sd", ALL & ~(PTE.A | PTE.D), TRAP_CAUSE.storeAccessFault],
    ] as const) {
      const hart = map(pageIn(new BareHart(engine)), MAPPED, DATA, flags).setX(1, MAPPED);
      hart.set("pmpaddr0", napot(leafAddress(MAPPED) & ~0xfffn, 4096n)).set("pmpcfg0", NAPOT | R);
      hart.place(CODE, new Program().i(access, { rd: 3, rs1: 1 })).run(1);
      assert.is(hart.pc, fault === undefined ? CODE + 4n : HANDLER, access);
      if (fault !== undefined) assert.equal([hart.field("mcause"), hart.field("mtval")], [fault, MAPPED]);
      assert.is(hart.double(leafAddress(MAPPED)), entry(DATA, flags), access);
    }
  },
);

onEveryEngine(
  "given code in a page without A, whose table may not be written, when it is fetched, then an access fault",
  (engine) => {
    const hart = map(pageIn(new BareHart(engine)), MAPPED, DATA, ALL & ~PTE.A).set("pc", MAPPED);
    hart.set("pmpaddr0", napot(leafAddress(MAPPED) & ~0xfffn, 4096n)).set("pmpcfg0", NAPOT | R);
    hart.place(DATA, new Program().i("addi")).run(1);
    assert.equal([hart.field("mcause"), hart.field("mepc")], [TRAP_CAUSE.instructionAccessFault, MAPPED]);
    assert.is(hart.double(leafAddress(MAPPED)), entry(DATA, ALL & ~PTE.A));
  },
);

test.run();
