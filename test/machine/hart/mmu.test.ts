/** Sv39 (privileged spec, §4.3.2 and §4.4): which accesses get through, and what the walk leaves in memory. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MPP_SHIFT, MPRV, MXR, SUM } from "../../../src/machine/hart/mstatus.js";
import { TRAP_CAUSE } from "../../../src/machine/hart/trap-causes.js";
import { Program } from "../../support/assemble.js";
import { BareHart, CODE, DATA, HANDLER, onEveryEngine, type NamedEngine } from "../../support/engines.js";
import { ALL, entry, leafAddress, map, MAPPED, middleAddress, pageIn, PTE, rootAddress } from "../../support/sv39.js";

type Access = "load" | "store" | "fetch";

const PAGE_FAULT = {
  load: TRAP_CAUSE.loadPageFault,
  store: TRAP_CAUSE.storePageFault,
  fetch: TRAP_CAUSE.instructionPageFault,
} as const;

const NOP = new Program().i("addi").bytes();

/** Tries one access to a virtual address: the cause of the trap, or "passed". */
function attempt(hart: BareHart, access: Access, virtual: bigint): bigint | "passed" {
  const memory = hart.double(DATA);
  if (access === "fetch") {
    hart.set("pc", virtual).run(1);
    if (hart.pc === virtual + 4n) return "passed";
    assert.is(hart.field("mepc"), virtual);
  } else {
    hart.place(CODE, new Program().i(access === "load" ? "ld" : "sd", { rd: 3, rs1: 1, rs2: 2 }));
    hart.set("pc", CODE).setX(1, virtual).setX(2, 0x1234n).setX(3, 77n).run(1);
    if (hart.pc === CODE + 4n) {
      if (access === "store") assert.is(hart.double(DATA), 0x1234n);
      else assert.is(hart.x(3), memory);
      return "passed";
    }
    assert.is(hart.field("mepc"), CODE);
    assert.is(hart.x(3), 77n);
  }
  assert.is(hart.double(DATA), memory);
  assert.is(hart.field("mtval"), virtual);
  return hart.field("mcause");
}

const paged = (engine: NamedEngine): BareHart => pageIn(new BareHart(engine)).place(DATA, NOP);

interface Case {
  readonly flags: bigint;
  readonly privilege?: bigint;
  readonly status?: bigint;
  readonly passes: readonly Access[];
}

const EVERY: readonly Access[] = ["load", "store", "fetch"];
const U = ALL | PTE.U;

// prettier-ignore
const LEAF_RULES: readonly Case[] = [
  { flags: ALL, passes: EVERY },
  { flags: ALL & ~PTE.V, passes: [] },
  { flags: PTE.V | PTE.R | PTE.A, passes: ["load"] },
  { flags: PTE.V | PTE.R | PTE.W | PTE.A | PTE.D, passes: ["load", "store"] },
  { flags: PTE.V | PTE.X | PTE.A, passes: ["fetch"] },
  { flags: PTE.V | PTE.X | PTE.A, status: MXR, passes: ["load", "fetch"] },
  { flags: PTE.V | PTE.R | PTE.X | PTE.A, passes: ["load", "fetch"] },
  // Reserved: W without R; a bit above 53.
  { flags: PTE.V | PTE.W | PTE.A | PTE.D, passes: [] },
  { flags: PTE.V | PTE.W | PTE.X | PTE.A | PTE.D, passes: [] },
  { flags: ALL | (1n << 54n), passes: [] },
  { flags: ALL | (1n << 63n), passes: [] },
  // The RSW bits and G mean nothing here.
  { flags: ALL | (3n << 8n) | PTE.G, passes: EVERY },
  // At the last level there is nothing to point to.
  { flags: PTE.V, passes: [] },
  { flags: ALL, privilege: 0n, passes: [] },
  { flags: U, privilege: 0n, passes: EVERY },
  { flags: U, passes: [] },
  { flags: U, status: SUM, passes: ["load", "store"] },
  { flags: PTE.V | PTE.X | PTE.A | PTE.U, status: SUM | MXR, passes: ["load"] },
];

onEveryEngine(
  "given a leaf's bits, privilege, SUM and MXR, when it is used, then as the manual's table allows",
  (engine) => {
    for (const { flags, privilege = 1n, status = 0n, passes } of LEAF_RULES) {
      for (const access of EVERY) {
        const hart = map(paged(engine), MAPPED, DATA, flags);
        // The instruction that loads lies in a page that user mode may use.
        if (privilege === 0n) hart.placeDouble(rootAddress(CODE), entry(0x8000_0000n, U));
        hart.set("privilege", privilege).set("mstatus", status);
        const expected = passes.includes(access) ? "passed" : PAGE_FAULT[access];
        assert.is(attempt(hart, access, MAPPED), expected, `${access} ${flags.toString(16)} ${String(privilege)}`);
      }
    }
  },
);

onEveryEngine(
  "given A and D clear, when the page is read, run and written, then the walk sets what it must",
  (engine) => {
    for (const [access, set] of [
      ["load", PTE.A],
      ["fetch", PTE.A],
      ["store", PTE.A | PTE.D],
    ] as const) {
      const flags = ALL & ~(PTE.A | PTE.D);
      const hart = map(paged(engine), MAPPED, DATA, flags);
      assert.is(attempt(hart, access, MAPPED), "passed");
      assert.is(hart.double(leafAddress(MAPPED)), entry(DATA, flags | set), access);
    }
  },
);

onEveryEngine("given a page that was only read, when it is then written, then D is set although A was", (engine) => {
  const hart = map(paged(engine), MAPPED, DATA, ALL & ~PTE.D).setX(1, MAPPED);
  hart.execute(new Program().i("ld", { rd: 2, rs1: 1 }).i("sd", { rs1: 1 }).i("ld", { rd: 3, rs1: 1 }));
  assert.is(hart.double(leafAddress(MAPPED)), entry(DATA, ALL));
});

onEveryEngine("given a forbidden access, when it faults, then neither A nor D is set", (engine) => {
  const flags = PTE.V | PTE.R;
  const hart = map(paged(engine), MAPPED, DATA, flags);
  assert.is(attempt(hart, "store", MAPPED), PAGE_FAULT.store);
  assert.is(hart.double(leafAddress(MAPPED)), entry(DATA, flags));
});

onEveryEngine(
  "given superpages, when they are aligned, then they map their whole range; else every access faults",
  (engine) => {
    const mega = MAPPED + 0x20_0000n;
    const giga = 0xc000_0000n;
    const hart = paged(engine).placeDouble(middleAddress(mega), entry(0x8000_0000n, ALL));
    hart.placeDouble(rootAddress(giga), entry(0x8000_0000n, ALL));
    const offset = DATA - 0x8000_0000n;
    for (const access of EVERY) {
      hart.set("privilege", 1n).place(DATA, NOP);
      assert.is(attempt(hart, access, mega + offset), "passed");
      hart.set("privilege", 1n).place(DATA, NOP);
      assert.is(attempt(hart, access, giga + offset), "passed");
    }
    hart
      .placeDouble(middleAddress(mega), entry(0x8000_1000n, ALL))
      .placeDouble(rootAddress(giga), entry(0x8020_0000n, ALL));
    for (const access of EVERY) {
      assert.is(attempt(hart.set("privilege", 1n), access, mega + offset), PAGE_FAULT[access]);
      assert.is(attempt(hart.set("privilege", 1n), access, giga + offset), PAGE_FAULT[access]);
    }
  },
);

onEveryEngine("given an address whose upper bits are not bit 38, when it is used, then a page fault", (engine) => {
  const hart = paged(engine);
  for (const virtual of [1n << 39n, MAPPED | (1n << 63n), 1n << 38n, 0xffff_ffbf_ffff_f000n]) {
    for (const access of EVERY) assert.is(attempt(hart.set("privilege", 1n), access, virtual), PAGE_FAULT[access]);
  }
});

onEveryEngine("given the upper half, when its entry is mapped, then the sign-extended address reaches it", (engine) => {
  const virtual = 0xffff_ffff_c000_0000n;
  const hart = paged(engine).placeDouble(rootAddress(virtual), entry(0x8000_0000n, ALL));
  assert.is(attempt(hart, "load", virtual + (DATA - 0x8000_0000n)), "passed");
});

onEveryEngine("given a pointer entry with A, D or U, when it is walked, then a page fault", (engine) => {
  for (const bit of [PTE.A, PTE.D, PTE.U]) {
    const hart = map(paged(engine), MAPPED, DATA);
    const pointer = hart.double(middleAddress(MAPPED));
    assert.is(attempt(hart, "load", MAPPED), "passed");
    hart.placeDouble(middleAddress(MAPPED), pointer | bit);
    assert.is(attempt(hart, "load", MAPPED), PAGE_FAULT.load);
  }
});

onEveryEngine(
  "given a page table outside RAM, when it is walked, then an access fault of the access's kind",
  (engine) => {
    const hart = paged(engine).placeDouble(rootAddress(MAPPED), entry(0x1000_0000n, PTE.V));
    assert.is(attempt(hart, "load", MAPPED), TRAP_CAUSE.loadAccessFault);
    assert.is(attempt(hart.set("privilege", 1n), "store", MAPPED), TRAP_CAUSE.storeAccessFault);
    assert.is(attempt(hart.set("privilege", 1n), "fetch", MAPPED), TRAP_CAUSE.instructionAccessFault);
  },
);

onEveryEngine("given MPRV, when M loads and stores, then as the mode in MPP, and fetches as M", (engine) => {
  const hart = map(paged(engine), MAPPED, DATA, U);
  const inM = (status: bigint): bigint | "passed" =>
    attempt(hart.set("privilege", 3n).set("mstatus", status), "load", MAPPED);
  assert.is(inM(MPRV), "passed");
  assert.is(inM(MPRV | (1n << MPP_SHIFT)), PAGE_FAULT.load);
  assert.is(inM(MPRV | (1n << MPP_SHIFT) | SUM), "passed");
  // As M itself there is no translation, and no memory there.
  assert.is(inM(MPRV | (3n << MPP_SHIFT)), TRAP_CAUSE.loadAccessFault);
  assert.is(inM(0n), TRAP_CAUSE.loadAccessFault);
});

onEveryEngine(
  "given translations in use, when satp and SUM change without a fence, then the next access sees it",
  (engine) => {
    const hart = map(paged(engine), MAPPED, DATA, U).setX(1, MAPPED).setX(2, SUM).set("mstatus", SUM);
    hart.placeDouble(DATA, 5n);
    hart.place(
      CODE,
      new Program().i("ld", { rd: 3, rs1: 1 }).i("csrrc", { rs1: 2, imm: 0x100 }).i("ld", { rd: 4, rs1: 1 }),
    );
    hart.run(3);
    assert.is(hart.x(3), 5n);
    assert.is(hart.pc, HANDLER);
    assert.is(hart.field("mcause"), PAGE_FAULT.load);
    hart.set("privilege", 1n).set("pc", CODE).set("mstatus", SUM).setX(3, 0n);
    hart.place(
      CODE,
      new Program().i("ld", { rd: 3, rs1: 1 }).i("csrrw", { rs1: 0, imm: 0x180 }).i("ld", { rd: 4, rs1: 1 }),
    );
    hart.run(3);
    assert.is(hart.x(3), 5n);
    assert.is(hart.field("mcause"), TRAP_CAUSE.loadAccessFault);
  },
);

test.run();
