/**
 * Loads and stores of a hart whose addresses are physical, which regions find without a TLB: only as long as that
 * holds.
 *
 * Red where a region does not ask whether it still does, where what it may reach ends a byte late, and where a store
 * asks for its first page alone.
 */
import * as assert from "uvu/assert";
import { test } from "uvu";

import { RAM_BASE } from "../../../src/machine/engine/layout.js";
import { MPP_SHIFT, MPRV, PRIVILEGE } from "../../../src/machine/hart/mstatus.js";
import { TRAP_CAUSE } from "../../../src/machine/hart/trap-causes.js";
import { Program } from "../../support/assemble.js";
import { BareHart, CODE, DATA, onEveryEngine, RAM_BYTES } from "../../support/engines.js";
import { ALL, entry, pageIn, PTE, rootAddress } from "../../support/sv39.js";

const [TO, FROM, VALUE, SUM, LEFT] = [1, 2, 3, 4, 5];
const BASE = BigInt(RAM_BASE);
const ROUNDS = 50;

const stores = new Program()
  .label("again")
  .i("sd", { rs1: TO, rs2: VALUE })
  .i("ld", { rd: SUM, rs1: FROM })
  .i("addi", { rd: VALUE, rs1: SUM, imm: 1 })
  .i("addi", { rd: LEFT, rs1: LEFT, imm: -1 })
  .i("bne", { rs1: LEFT, rs2: 0, imm: "again" });

/** The loop has run, and begins anew. */
const afterLoop = (hart: BareHart, at: bigint): BareHart => {
  hart.place(CODE, stores).setX(TO, at).setX(FROM, at).setX(VALUE, 0n).setX(LEFT, BigInt(ROUNDS));
  hart.run(ROUNDS * stores.length);
  assert.is(hart.x(VALUE), BigInt(ROUNDS));
  return hart.set("pc", CODE).setX(LEFT, BigInt(ROUNDS));
};

/** RAM's addresses mean the same with paging, but nothing may be stored there. */
const withReadOnlyRam = (hart: BareHart): BareHart => {
  const { machine } = PRIVILEGE;
  return pageIn(hart)
    .set("privilege", machine)
    .placeDouble(rootAddress(BASE), entry(BASE, ALL & ~PTE.W));
};

const CHANGES: readonly { what: string; cause: bigint; change: (hart: BareHart) => void }[] = [
  {
    what: "it comes to S mode",
    cause: TRAP_CAUSE.storePageFault,
    change: (hart) => hart.set("privilege", PRIVILEGE.supervisor),
  },
  {
    what: "MPRV lends it S mode's eyes",
    cause: TRAP_CAUSE.storePageFault,
    change: (hart) => hart.set("mstatus", hart.field("mstatus") | MPRV | (PRIVILEGE.supervisor << MPP_SHIFT)),
  },
  {
    what: "PMP locks a page against stores",
    cause: TRAP_CAUSE.storeAccessFault,
    // Locked, a naturally aligned power of two, to be read and executed.
    change: (hart) => hart.set("pmpaddr0", (DATA >> 2n) | 0x1ffn).set("pmpcfg0", 0x9dn),
  },
];

for (const { what, cause, change } of CHANGES) {
  onEveryEngine(`given a loop that ran with physical addresses, when ${what}, then its store traps`, (engine) => {
    const hart = afterLoop(withReadOnlyRam(new BareHart(engine)), DATA);
    const [privilege, status] = [hart.field("privilege"), hart.field("mstatus")];
    change(hart);
    hart.run(ROUNDS * stores.length);
    assert.equal([hart.field("mcause"), hart.field("mtval"), hart.field("mepc")], [cause, DATA, CODE]);
    assert.is(hart.double(DATA), BigInt(ROUNDS - 1));
    // And back, with what was compiled since.
    hart.set("privilege", privilege).set("mstatus", status).set("pmpcfg0", 0n);
    hart.set("pc", CODE).run(ROUNDS * stores.length);
    assert.is(hart.x(VALUE), BigInt(2 * ROUNDS));
  });
}

const END = BASE + BigInt(RAM_BYTES);
for (const [where, address] of [
  ["begins before RAM", BASE - 4n],
  ["ends a byte behind RAM", END - 7n],
  ["lies behind RAM", END],
  ["is RAM's in the low 32 bits alone", DATA + (1n << 32n)],
  ["is RAM's but for its sign", DATA | (1n << 63n)],
] as const) {
  onEveryEngine(`given an address that ${where}, when a hot loop comes to it, then it traps`, (engine) => {
    for (const [register, cause] of [
      [TO, TRAP_CAUSE.storeAccessFault],
      [FROM, TRAP_CAUSE.loadAccessFault],
    ] as const) {
      const hart = afterLoop(new BareHart(engine), END - 8n);
      hart.setX(register, address).run(stores.length);
      assert.equal([hart.field("mcause"), hart.field("mtval")], [cause, address]);
    }
  });
}

onEveryEngine(
  "given a hot store over two pages, when a state was taken, then the next one says that both are written",
  (engine) => {
    const hart = afterLoop(new BareHart(engine), DATA + 0xffcn);
    const pages = [Number((DATA - BASE) >> 12n), Number((DATA - BASE) >> 12n) + 1];
    const written = (): readonly number[] => {
      const taken = hart.engine.takeWritten("digest");
      assert.equal(hart.engine.takeWritten("capture"), taken);
      return taken.filter((page) => pages.includes(page));
    };
    for (const clean of [...pages, undefined]) {
      written();
      for (const page of pages) if (page !== clean) hart.engine.ramWritten(page * 4096, 1);
      hart.set("pc", CODE).resume(stores.length);
      assert.equal(written(), pages);
    }
  },
);

test.run();
