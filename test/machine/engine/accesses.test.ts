/**
 * Loads, stores and fetches that are no plain ones: misaligned, across pages, on devices, in ROM, at the ends of RAM.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { RAM_BASE, ROM_BASE } from "../../../src/machine/engine/layout.js";
import { TRAP_CAUSE } from "../../../src/machine/hart/trap-causes.js";
import { Program } from "../../support/assemble.js";
import { BareHart, CODE, DATA, DEVICE, onEveryEngine, RAM_BYTES } from "../../support/engines.js";
import { ALL, entry, leafAddress, map, MAPPED, pageIn, PTE } from "../../support/sv39.js";

const RAM_END = BigInt(RAM_BASE + RAM_BYTES);
const load = (name: string): Program => new Program().i(name, { rd: 3, rs1: 1 });
const store = (name: string): Program => new Program().i(name, { rs1: 1, rs2: 2 });
const VALUE = 0x1122_3344_5566_7788n;

onEveryEngine(
  "given two pages that lie apart, when an access crosses from one to the other, then each part finds its page",
  (engine) => {
    for (const bytes of [1n, 3n, 4n, 7n]) {
      const hart = pageIn(new BareHart(engine)).setX(2, VALUE);
      map(hart, MAPPED, DATA + 0x2000n);
      map(hart, MAPPED + 0x1000n, DATA);
      hart.setX(1, MAPPED + 0x1000n - bytes);
      hart.execute(store("sd").i("ld", { rd: 3, rs1: 1 }));
      assert.is(hart.x(3), VALUE);
      const first = hart.double(DATA + 0x3000n - 8n) >> (64n - 8n * bytes);
      assert.is(first, BigInt.asUintN(Number(8n * bytes), VALUE));
      assert.is(hart.double(DATA), VALUE >> (8n * bytes));
    }
  },
);

onEveryEngine(
  "given a crossing store whose second page faults, when it traps, then nothing was stored, and tval is that page",
  (engine) => {
    const hart = pageIn(new BareHart(engine))
      .setX(2, VALUE)
      .setX(1, MAPPED + 0xffcn);
    map(hart, MAPPED, DATA, ALL & ~PTE.D);
    map(hart, MAPPED + 0x1000n, DATA + 0x1000n, ALL & ~PTE.W);
    hart.execute(store("sd"));
    assert.equal([hart.field("mcause"), hart.field("mtval")], [TRAP_CAUSE.storePageFault, MAPPED + 0x1000n]);
    assert.is(hart.double(DATA + 0xff8n), 0n);
    // The walk of the first page came before, and has left its mark.
    assert.is(hart.double(leafAddress(MAPPED)), entry(DATA, ALL));
  },
);

onEveryEngine(
  "given a crossing access whose first page faults, when it traps, then tval is its own address",
  (engine) => {
    const hart = pageIn(new BareHart(engine)).setX(1, MAPPED + 0xffcn);
    map(hart, MAPPED, DATA, 0n);
    map(hart, MAPPED + 0x1000n, DATA + 0x1000n);
    hart.execute(load("ld"));
    assert.equal([hart.field("mcause"), hart.field("mtval")], [TRAP_CAUSE.loadPageFault, MAPPED + 0xffcn]);
  },
);

onEveryEngine("given the ends of RAM, when an access leaves it, then an access fault and no effect", (engine) => {
  for (const address of [RAM_END - 4n, RAM_END, BigInt(RAM_BASE) - 4n, BigInt(RAM_BASE) - 8n, -8n, 1n << 56n]) {
    const hart = new BareHart(engine).setX(1, address).setX(2, VALUE).setX(3, 7n);
    hart.execute(load("ld"));
    assert.equal([hart.field("mcause"), hart.field("mtval"), hart.x(3)], [TRAP_CAUSE.loadAccessFault, hart.x(1), 7n]);
    hart.set("pc", CODE).execute(store("sd"));
    assert.is(hart.field("mcause"), TRAP_CAUSE.storeAccessFault);
    assert.is(hart.double(RAM_END - 8n), 0n);
  }
  const hart = new BareHart(engine)
    .setX(1, RAM_END - 8n)
    .setX(2, VALUE)
    .execute(store("sd").i("ld", { rd: 3, rs1: 1 }));
  assert.is(hart.x(3), VALUE);
});

onEveryEngine("given ROM, when it is read, run and stored to, then it answers and keeps what it has", (engine) => {
  const hart = new BareHart(engine);
  hart.engine.rom.set(
    new Program().i("ld", { rd: 3, rs1: 1 }).i("sd", { rs1: 1, rs2: 2 }).i("ld", { rd: 4, rs1: 1 }).bytes(),
  );
  hart.engine.rom.fill(0xab, 0x100, 0x108);
  hart
    .set("pc", BigInt(ROM_BASE))
    .setX(1, BigInt(ROM_BASE) + 0x100n)
    .setX(2, VALUE)
    .run(3);
  assert.equal([hart.x(3), hart.x(4)], [0xabab_abab_abab_ababn, 0xabab_abab_abab_ababn]);
  assert.is(hart.pc, BigInt(ROM_BASE) + 12n);
});

onEveryEngine(
  "given a device, when aligned accesses of each width meet it, then the bus gets address, width and value",
  (engine) => {
    const hart = new BareHart(engine).setX(1, DEVICE + 8n).setX(2, VALUE);
    hart.execute(
      store("sb")
        .i("sh", { rs1: 1, rs2: 2 })
        .i("sw", { rs1: 1, rs2: 2 })
        .i("sd", { rs1: 1, rs2: 2 })
        .i("lh", { rd: 3, rs1: 1 }),
    );
    assert.equal(hart.bus.accesses, [
      "store 1 10000008 88",
      "store 2 10000008 7788",
      "store 4 10000008 55667788",
      "store 8 10000008 1122334455667788",
      "load 2 10000008",
    ]);
    assert.is(hart.x(3), 0x7788n);
  },
);

onEveryEngine(
  "given a misaligned or unanswered device access, when it is made, then an access fault and no bus access",
  (engine) => {
    for (const address of [DEVICE + 1n, DEVICE + 2n, DEVICE + 0x100n, DEVICE - 4n, 0x2_1000_0000n]) {
      for (const [program, cause] of [
        [load("lw"), TRAP_CAUSE.loadAccessFault],
        [store("sw"), TRAP_CAUSE.storeAccessFault],
      ] as const) {
        const hart = new BareHart(engine).setX(1, address).execute(program);
        assert.equal([hart.field("mcause"), hart.field("mtval")], [cause, address]);
        assert.equal(hart.bus.accesses, []);
      }
    }
  },
);

onEveryEngine(
  "given an access that crosses from RAM to a device, when it is made, then an access fault and no effect",
  (engine) => {
    const hart = pageIn(new BareHart(engine))
      .setX(1, MAPPED + 0xffcn)
      .setX(2, VALUE);
    map(hart, MAPPED, DATA);
    map(hart, MAPPED + 0x1000n, DEVICE);
    hart.execute(store("sd"));
    assert.equal([hart.field("mcause"), hart.field("mtval")], [TRAP_CAUSE.storeAccessFault, MAPPED + 0xffcn]);
    assert.is(hart.double(DATA + 0xff8n), 0n);
    assert.equal(hart.bus.accesses, []);
  },
);

onEveryEngine("given a device, when code jumps to it, then an instruction access fault and no bus access", (engine) => {
  const hart = new BareHart(engine).set("pc", DEVICE);
  hart.run(1);
  assert.equal(
    [hart.field("mcause"), hart.field("mepc"), hart.field("mtval")],
    [TRAP_CAUSE.instructionAccessFault, DEVICE, DEVICE],
  );
  assert.equal(hart.bus.accesses, []);
});

onEveryEngine(
  "given stores of every kind, when they are done, then exactly their pages are flagged as written",
  (engine) => {
    const pageOf = (address: bigint): number => Number((address - BigInt(RAM_BASE)) >> 12n);
    const flagged = (prepare: (hart: BareHart) => BareHart, program: Program): number[] => {
      const hart = prepare(pageIn(new BareHart(engine)).place(CODE, program));
      const written = (): readonly number[] => {
        const pages = hart.engine.takeWritten("digest");
        assert.equal(hart.engine.takeWritten("capture"), pages);
        return pages;
      };
      written();
      hart.run(program.length);
      const first = [...written()];
      // Once more, with whatever the engine has kept: a page noted once must be noted again.
      hart.set("pc", CODE).set("privilege", 1n);
      hart.resume(program.length);
      assert.ok(written().every((page) => first.includes(page)));
      return first;
    };
    const at = (address: bigint) => (hart: BareHart) => hart.setX(1, address).setX(2, VALUE);
    assert.equal(flagged(at(DATA), load("ld")), []);
    assert.equal(flagged(at(DATA), store("sb")), [pageOf(DATA)]);
    assert.equal(flagged(at(DATA), new Program().i("amoadd.d", { rs1: 1, rs2: 2 })), [pageOf(DATA)]);
    assert.equal(flagged(at(DATA + 0xffdn), store("sd")), [pageOf(DATA), pageOf(DATA) + 1]);
    // A load through a leaf without A writes the page table.
    const through = (hart: BareHart): BareHart => map(hart, MAPPED, DATA, ALL & ~PTE.A & ~PTE.D).setX(1, MAPPED);
    assert.equal(flagged(through, load("ld")), [pageOf(leafAddress(MAPPED))]);
  },
);

test.run();
