/** Caches are invisible: code that changes, moves, or has two addresses runs as memory says at that moment. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { TRAP_CAUSE } from "../../../src/machine/hart/trap-causes.js";
import { Program } from "../../support/assemble.js";
import { encode } from "../../support/encode.js";
import { BareHart, CODE, DATA, onEveryEngine } from "../../support/engines.js";
import { ALL, entry, leafAddress, map, MAPPED, pageIn, PTE } from "../../support/sv39.js";

const li = (rd: number, imm: number): number => encode("addi", { rd, imm });
const word = (value: number): Program => new Program().word(value);

onEveryEngine(
  "given code that has run, when a store changes it, then the new one runs at once, without fence.i",
  (engine) => {
    // The store hits the instruction right behind it.
    const hart = new BareHart(engine).setX(1, CODE + 8n).setX(2, BigInt(li(3, 2)));
    hart.place(CODE, new Program().i("addi").i("addi").word(li(3, 1)));
    hart.run(3);
    assert.is(hart.x(3), 1n);
    hart
      .set("pc", CODE)
      .place(CODE + 4n, new Program().i("sw", { rs1: 1, rs2: 2 }))
      .resume(3);
    assert.is(hart.x(3), 2n);
  },
);

onEveryEngine(
  "given code that has run, when a store changes only its upper half or one byte, then it is another",
  (engine) => {
    for (const [name, offset, value] of [
      ["sh", 2n, li(3, 7) >>> 16],
      ["sb", 3n, li(3, 0x710) >>> 24],
    ] as const) {
      const hart = new BareHart(engine).setX(1, CODE + 4n + offset).setX(2, BigInt(value));
      hart.place(CODE, new Program().i(name, { rs1: 1, rs2: 2 }).word(li(3, 0)));
      hart.set("pc", CODE + 4n).run(1);
      assert.is(hart.x(3), 0n);
      hart.set("pc", CODE).resume(2);
      assert.is.not(hart.x(3), 0n, name);
    }
  },
);

onEveryEngine(
  "given one page of code at two addresses, when it is changed by the one, then it is changed at the other",
  (engine) => {
    const hart = pageIn(new BareHart(engine)).setX(2, BigInt(li(3, 2)));
    map(hart, MAPPED, DATA);
    map(hart, MAPPED + 0x1000n, DATA);
    hart.place(DATA, word(li(3, 1)));
    for (const [pc, written, expected] of [
      [MAPPED, MAPPED + 0x1000n, 2n],
      [MAPPED + 0x1000n, DATA, 3n],
      [DATA, MAPPED, 4n],
    ] as const) {
      hart.set("pc", pc).run(1);
      hart
        .place(CODE, new Program().i("sw", { rs1: 1, rs2: 2 }))
        .setX(1, written)
        .setX(2, BigInt(li(3, Number(expected))));
      hart.set("pc", CODE).resume(1);
      hart.set("pc", pc).resume(1);
      assert.is(hart.x(3), expected);
    }
  },
);

onEveryEngine("given code that has run, when a device's DMA changes it, then the new one runs", (engine) => {
  const hart = new BareHart(engine).place(CODE, word(li(3, 1)));
  hart.run(1);
  hart
    .place(CODE, word(li(3, 2)))
    .set("pc", CODE)
    .resume(1);
  assert.is(hart.x(3), 2n);
  // From the page before, over the border.
  const border = CODE + 0x1000n;
  hart
    .place(border, word(li(3, 3)))
    .set("pc", border)
    .resume(1);
  hart
    .place(border - 4n, new Program().word(0).word(li(3, 4)))
    .set("pc", border)
    .resume(1);
  assert.is(hart.x(3), 4n);
});

onEveryEngine(
  "given an instruction across two pages, when either half or the mapping of the second changes, then it is another",
  (engine) => {
    const hart = pageIn(new BareHart(engine));
    const other = DATA + 0x2000n;
    map(hart, MAPPED, DATA);
    map(hart, MAPPED + 0x1000n, DATA + 0x1000n);
    const pc = MAPPED + 0xffen;
    const runs = (): bigint => {
      hart.set("pc", pc).resume(1);
      assert.is(hart.pc, pc + 4n);
      return hart.x(3);
    };
    hart.place(DATA + 0xffen, word(li(3, 1))).place(other, new Program().half(li(3, 9) >>> 16));
    hart.run(0);
    assert.is(runs(), 1n);
    hart.place(DATA + 0x1000n, new Program().half(li(3, 2) >>> 16));
    assert.is(runs(), 2n);
    // The guest's own store to the page table, without a fence.
    hart.setX(1, leafAddress(MAPPED + 0x1000n)).setX(2, entry(other, ALL));
    hart
      .place(CODE, new Program().i("sd", { rs1: 1, rs2: 2 }))
      .set("pc", CODE)
      .resume(1);
    assert.is(runs(), 9n);
  },
);

onEveryEngine(
  "given an instruction across two pages, when the second page faults, then epc is its start and tval the page",
  (engine) => {
    for (const [flags, cause] of [
      [0n, TRAP_CAUSE.instructionPageFault],
      [ALL & ~PTE.X, TRAP_CAUSE.instructionPageFault],
    ] as const) {
      const hart = pageIn(new BareHart(engine)).place(DATA + 0xffcn, new Program().half(0x0001).word(li(3, 1)));
      map(hart, MAPPED, DATA);
      map(hart, MAPPED + 0x1000n, DATA + 0x1000n, flags);
      hart.set("pc", MAPPED + 0xffcn).run(1);
      assert.is(hart.pc, MAPPED + 0xffen);
      hart.resume(1);
      assert.equal(
        [hart.field("mcause"), hart.field("mepc"), hart.field("mtval")],
        [cause, MAPPED + 0xffen, MAPPED + 0x1000n],
      );
      // An instruction of 2 bytes at the same place needs the first page only.
      hart
        .place(DATA + 0xffen, new Program().half(0x0001))
        .set("pc", MAPPED + 0xffen)
        .set("privilege", 1n)
        .resume(1);
      assert.is(hart.pc, MAPPED + 0x1000n);
    }
  },
);

onEveryEngine(
  "given an instruction that is illegal only now, when it traps, then tval is its encoding: in a page, and across two",
  (engine) => {
    const add = encode("fadd.d", { rd: 1, rs1: 2, rs2: 3 });
    const load = 0x2188;
    for (const [pc, encoding] of [
      [CODE, add],
      [CODE + 0xffen, add],
      [CODE + 0xffen, load],
      [CODE + 0x10n, load],
    ] as const) {
      const program = encoding === load ? new Program().half(load).half(0xffff) : new Program().word(encoding);
      const hart = new BareHart(engine).set("mstatus", 0n).place(pc, program).set("pc", pc);
      hart.run(1);
      assert.equal(
        [hart.field("mcause"), hart.field("mtval")],
        [TRAP_CAUSE.illegalInstruction, BigInt(encoding >>> 0)],
      );
    }
  },
);

onEveryEngine(
  "given a translation in use, when the guest edits its page table without a fence, then the next access goes by it",
  (engine) => {
    const hart = pageIn(new BareHart(engine))
      .placeDouble(DATA, 1n)
      .placeDouble(DATA + 0x1000n, 2n);
    map(hart, MAPPED, DATA);
    hart
      .setX(1, MAPPED)
      .setX(5, leafAddress(MAPPED))
      .setX(6, entry(DATA + 0x1000n, ALL))
      .setX(7, 0n);
    const load = (program: Program, rd: number): Program => program.i("ld", { rd, rs1: 1 });
    const program = load(load(new Program(), 2).i("sd", { rs1: 5, rs2: 6 }), 3).i("sd", { rs1: 1, rs2: 7 });
    hart.place(CODE, load(program.i("sb", { rs1: 5, rs2: 7 }), 4)).run(6);
    assert.equal([hart.x(2), hart.x(3), hart.double(DATA), hart.double(DATA + 0x1000n)], [1n, 2n, 1n, 0n]);
    assert.equal([hart.field("mcause"), hart.field("mtval")], [TRAP_CAUSE.loadPageFault, MAPPED]);
  },
);

onEveryEngine(
  "given a translation in use, when a device's DMA edits the page table, then the next access goes by it",
  (engine) => {
    const hart = pageIn(new BareHart(engine))
      .placeDouble(DATA, 1n)
      .placeDouble(DATA + 0x1000n, 2n);
    map(hart, MAPPED, DATA).setX(1, MAPPED);
    hart.execute(new Program().i("ld", { rd: 3, rs1: 1 }));
    map(hart, MAPPED, DATA + 0x1000n)
      .set("pc", CODE)
      .resume(1);
    assert.is(hart.x(3), 2n);
    map(hart, MAPPED, DATA, 0n).set("pc", CODE).resume(1);
    assert.equal([hart.x(3), hart.field("mcause")], [2n, TRAP_CAUSE.loadPageFault]);
  },
);

onEveryEngine("given A and D that the guest clears, when it goes on, then the walk sets them again", (engine) => {
  const hart = pageIn(new BareHart(engine)).setX(1, MAPPED).setX(5, leafAddress(MAPPED));
  map(hart, MAPPED, DATA);
  hart.setX(6, entry(DATA, ALL & ~(PTE.A | PTE.D)));
  const touch = (program: Program): Program => program.i("sd", { rs1: 1 }).i("sd", { rs1: 5, rs2: 6 });
  hart.execute(touch(new Program()).i("ld", { rd: 3, rs1: 1 }).i("ld", { rd: 4, rs1: 5 }));
  assert.is(hart.x(4), entry(DATA, ALL & ~PTE.D));
  hart.set("pc", CODE).execute(touch(new Program()).i("sd", { rs1: 1 }).i("ld", { rd: 4, rs1: 5 }));
  assert.is(hart.x(4), entry(DATA, ALL));
});

onEveryEngine("given running code, when it unmaps its own page, then the very next instruction faults", (engine) => {
  const hart = pageIn(new BareHart(engine)).setX(5, leafAddress(MAPPED));
  map(hart, MAPPED, DATA).place(DATA, new Program().i("addi").i("sd", { rs1: 5 }).i("addi"));
  hart.set("pc", MAPPED).run(2);
  assert.is(hart.pc, MAPPED + 8n);
  hart.resume(1);
  assert.equal([hart.field("mcause"), hart.field("mepc")], [TRAP_CAUSE.instructionPageFault, MAPPED + 8n]);
});

onEveryEngine(
  "given two address spaces, when satp goes from one to the other and back, then each access is in the present one",
  (engine) => {
    const hart = pageIn(new BareHart(engine))
      .placeDouble(DATA, 1n)
      .placeDouble(DATA + 0x1000n, 2n);
    map(hart, MAPPED, DATA);
    // The other root: RAM as it lies, and a gigapage in which MAPPED + DATA's offset is the next page.
    const root = DATA + 0x3000n;
    hart.placeDouble(root + 16n, entry(0x8000_0000n, ALL)).placeDouble(root + 8n, entry(0x8000_0000n, ALL));
    const satps = [hart.field("satp"), (8n << 60n) | (1n << 44n) | (root >> 12n)];
    hart.placeDouble(0x8000_0000n, 77n);
    hart
      .setX(1, MAPPED)
      .setX(5, satps[0] ?? 0n)
      .setX(6, satps[1] ?? 0n);
    const program = new Program();
    for (const [satp, rd] of [
      [6, 2],
      [5, 3],
      [6, 4],
      [5, 7],
    ] as const) {
      program.i("csrrw", { rs1: satp, imm: 0x180 }).i("ld", { rd, rs1: 1 });
    }
    hart.execute(program);
    assert.equal(
      [2, 3, 4, 7].map((register) => hart.x(register)),
      [77n, 1n, 77n, 1n],
    );
  },
);

test.run();
