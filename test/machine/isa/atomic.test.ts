/** RV64A (unprivileged spec, chapter 14). */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { NO_RESERVATION } from "../../../src/machine/hart/fields.js";
import { TRAP_CAUSE } from "../../../src/machine/hart/trap-causes.js";
import { Program } from "../../support/assemble.js";
import { BareHart, CODE, DATA, DEVICE, onEveryEngine } from "../../support/engines.js";

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);

// prettier-ignore
const AMOS: readonly (readonly [name: string, memory: bigint, register: bigint, stored: bigint, rd: bigint])[] = [
  ["amoswap.d", 1n, 2n, 2n, 1n], ["amoadd.d", -1n, 1n, 0n, -1n], ["amoxor.d", 6n, 3n, 5n, 6n], ["amoand.d", 6n, 3n, 2n, 6n],
  ["amoor.d", 6n, 3n, 7n, 6n], ["amomin.d", 1n, -1n, -1n, 1n], ["amomax.d", 1n, -1n, 1n, 1n], ["amominu.d", 1n, -1n, 1n, 1n],
  ["amomaxu.d", 1n, -1n, -1n, 1n],
  // The word below 4 bytes that must stay; rd is sign-extended.
  ["amoswap.w", 0x1_8000_0000n, 2n, 0x1_0000_0002n, -0x8000_0000n], ["amoadd.w", 0x1_ffff_ffffn, 1n, 0x1_0000_0000n, -1n],
  ["amomin.w", 0x1_0000_0001n, 0xffff_ffffn, 0x1_ffff_ffffn, 1n], ["amomax.w", 0x1_8000_0000n, 0n, 0x1_0000_0000n, -0x8000_0000n],
  ["amominu.w", 0x1_8000_0000n, 0x7000_0000n, 0x1_7000_0000n, -0x8000_0000n],
  ["amomaxu.w", 0x1_8000_0000n, 0x7000_0000n, 0x1_8000_0000n, -0x8000_0000n],
];

onEveryEngine(
  "given memory and a register, when an AMO runs, then memory is combined and rd has what was there",
  (engine) => {
    const hart = new BareHart(engine);
    for (const [name, memory, register, stored, rd] of AMOS) {
      hart.placeDouble(DATA, u64(memory)).set("pc", CODE).setX(1, DATA).setX(2, register);
      hart.execute(new Program().i(name, { rd: 3, rs1: 1, rs2: 2 }));
      assert.is(hart.double(DATA), u64(stored), name);
      assert.is(hart.x(3), u64(rd), name);
    }
  },
);

onEveryEngine(
  "given a misaligned address, when an atomic uses it, then it traps as the manual's table says",
  (engine) => {
    const hart = new BareHart(engine).setX(1, DATA + 4n);
    for (const [name, cause] of [
      ["amoadd.d", TRAP_CAUSE.storeAddressMisaligned],
      ["lr.d", TRAP_CAUSE.loadAddressMisaligned],
    ] as const) {
      hart.set("pc", CODE).execute(new Program().i(name, { rd: 3, rs1: 1, rs2: name === "lr.d" ? 0 : 2 }));
      assert.is(hart.field("mcause"), cause, name);
      assert.is(hart.field("mtval"), DATA + 4n, name);
      assert.is(hart.field("mepc"), CODE, name);
    }
  },
);

const LOAD_RESERVED = { rd: 3, rs1: 1 } as const;
const STORE_CONDITIONAL = { rd: 4, rs1: 1, rs2: 2 } as const;

onEveryEngine("given a reservation, when SC comes, then it stores once and not twice", (engine) => {
  const hart = new BareHart(engine).placeDouble(DATA, 5n).setX(1, DATA).setX(2, 9n);
  hart.execute(new Program().i("lr.d", LOAD_RESERVED).i("sc.d", STORE_CONDITIONAL));
  assert.equal([hart.x(3), hart.x(4), hart.double(DATA)], [5n, 0n, 9n]);
  hart.set("pc", CODE).setX(2, 7n).execute(new Program().i("sc.d", STORE_CONDITIONAL));
  assert.equal([hart.x(4), hart.double(DATA)], [1n, 9n]);
});

onEveryEngine(
  "given a reservation, when memory has changed, the address is another or a trap came between, then SC fails",
  (engine) => {
    const fails = (between: (program: Program) => Program): void => {
      const hart = new BareHart(engine)
        .placeDouble(DATA, 5n)
        .placeDouble(DATA + 8n, 5n)
        .setX(1, DATA)
        .setX(2, 9n);
      hart.set("mtvec", CODE + 0x100n).set("medeleg", 0n);
      hart.place(
        CODE + 0x100n,
        new Program()
          .i("csrr", { rd: 9, imm: 0x341 })
          .i("addi", { rd: 9, rs1: 9, imm: 4 })
          .i("csrrw", { rs1: 9, imm: 0x341 })
          .i("mret"),
      );
      const program = between(new Program().i("lr.d", LOAD_RESERVED)).i("sc.d", STORE_CONDITIONAL);
      hart.place(CODE, program).run(program.length + 3);
      assert.is(hart.x(4), 1n);
      assert.is.not(hart.double(DATA + (hart.x(1) - DATA)), 9n);
      assert.is(hart.field("reservation"), NO_RESERVATION);
    };
    fails((program) => program.i("sd", { rs1: 1, rs2: 0, imm: 0 }).i("addi").i("addi").i("addi"));
    fails((program) => program.i("addi", { rd: 1, rs1: 1, imm: 8 }).i("addi").i("addi").i("addi"));
    fails((program) => program.i("ebreak"));
  },
);

onEveryEngine(
  "given lr.w and sc.w, when the word is negative, then it is sign-extended and only 4 bytes are stored",
  (engine) => {
    const hart = new BareHart(engine).placeDouble(DATA, 0x1_8000_0000n).setX(1, DATA).setX(2, 0x5_0000_0006n);
    hart.execute(new Program().i("lr.w", LOAD_RESERVED).i("sc.w", STORE_CONDITIONAL));
    assert.equal([hart.x(3), hart.x(4), hart.double(DATA)], [u64(-0x8000_0000n), 0n, 0x1_0000_0006n]);
  },
);

onEveryEngine(
  "given a device register, when an AMO runs on it, then the bus sees the load and then the store",
  (engine) => {
    const hart = new BareHart(engine).setX(1, DEVICE).setX(2, 3n);
    hart.execute(new Program().i("amoor.w", { rd: 3, rs1: 1, rs2: 2 }));
    assert.equal(hart.bus.accesses, ["load 4 10000000", "store 4 10000000 3"]);
  },
);

onEveryEngine(
  "given an SC that stored what was there, when a second SC comes, then the reservation is gone",
  (engine) => {
    const hart = new BareHart(engine).placeDouble(DATA, 5n).setX(1, DATA).setX(2, 5n);
    hart.execute(new Program().i("lr.d", LOAD_RESERVED).i("sc.d", STORE_CONDITIONAL));
    assert.is(hart.x(4), 0n);
    hart.set("pc", CODE).execute(new Program().i("sc.d", STORE_CONDITIONAL));
    assert.is(hart.x(4), 1n);
  },
);

test.run();
