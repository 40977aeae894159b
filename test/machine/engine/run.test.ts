/** The protocol between an engine and who runs it: budgets, stops, attention, restarts, interrupt lines. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MIE } from "../../../src/machine/hart/mstatus.js";
import { TRAP_CAUSE } from "../../../src/machine/hart/trap-causes.js";
import { Program } from "../../support/assemble.js";
import { BareHart, CODE, DATA, DEVICE, HANDLER, onEveryEngine } from "../../support/engines.js";

const count = (): Program => new Program().label("loop").i("addi", { rd: 3, rs1: 3, imm: 1 }).i("jal", { imm: "loop" });

onEveryEngine("given a budget, when it is used up, then exactly so many instructions have retired", (engine) => {
  const hart = new BareHart(engine).place(CODE, count());
  let expected = 0;
  for (const budget of [0, 1, 2, 3, 1000, 1, 49_999]) {
    assert.is(hart.resume(budget), "budget");
    expected += budget;
    assert.equal([hart.icount, hart.x(3)], [expected, BigInt(Math.ceil(expected / 2))]);
    if (expected > 3000 && engine.name === "reference") break;
  }
});

onEveryEngine(
  "given a jump to what can't be fetched, when the budget ends with the jump, then the trap is still to come",
  (engine) => {
    const hart = new BareHart(engine).place(CODE, new Program().i("jalr", { rs1: 1 })).setX(1, 0x4000n * 0x1_0000n);
    hart.run(1);
    assert.equal([hart.pc, hart.field("mcause")], [hart.x(1), 0n]);
    hart.resume(1);
    assert.equal([hart.pc, hart.field("mcause")], [HANDLER, TRAP_CAUSE.instructionAccessFault]);
  },
);

onEveryEngine("given a pending interrupt, when the budget is 0, then it is not taken yet", (engine) => {
  const hart = new BareHart(engine)
    .place(CODE, count())
    .set("mie", 1n << 7n)
    .set("mstatus", MIE);
  hart.raise(1n << 7n);
  assert.is(hart.run(0), "budget");
  assert.is(hart.pc, CODE);
  hart.run(1);
  assert.is(hart.field("mepc"), CODE);
});

onEveryEngine(
  "given a hot loop with a pause, then a hart alone goes on, and one that shares its time gives its turn away there",
  (engine) => {
    const loop = new Program().label("loop").i("addi", { rd: 3, rs1: 3, imm: 1 }).i("pause").i("jal", { imm: "loop" });
    const hart = new BareHart(engine).place(CODE, loop);
    const rounds = engine.name === "reference" ? 100 : 20_000;
    assert.equal([hart.resume(3 * rounds), hart.x(3), hart.engine.hasPaused], ["budget", BigInt(rounds), false]);
    const start = hart.icount;
    hart.engine.execute(0, { othersInsns: 0, yieldsFrom: start + 7 });
    assert.equal([hart.resume(100), hart.icount - start, hart.engine.hasPaused], ["attention", 8, true]);
    assert.equal([hart.resume(100), hart.icount - start, hart.engine.hasPaused], ["attention", 11, true]);
    hart.engine.execute(0, { othersInsns: 0, yieldsFrom: Infinity });
    assert.equal([hart.resume(3 * rounds), hart.icount - start], ["budget", 11 + 3 * rounds]);
  },
);

const deviceLoad = (): Program =>
  new Program().i("addi", { rd: 2, imm: 1 }).i("lw", { rd: 3, rs1: 1 }).i("addi", { rd: 4, imm: 1 });

onEveryEngine(
  "given a bus that asks for attention, when an access is made, then the run ends behind that instruction",
  (engine) => {
    const hart = new BareHart(engine).setX(1, DEVICE).place(CODE, deviceLoad());
    hart.bus.onAccess = () => {
      assert.is(hart.engine.icountInRun(), 1);
      hart.engine.endRun();
    };
    assert.is(hart.run(10), "attention");
    assert.equal([hart.icount, hart.pc, hart.x(4)], [2, CODE + 8n, 0n]);
    assert.is(hart.run(1), "budget");
    assert.equal([hart.icount, hart.x(4)], [3, 1n]);
  },
);

onEveryEngine(
  "given a bus that wants the access later, when it restarts it, then nothing of the instruction has happened",
  (engine) => {
    for (const name of ["lw", "sw", "amoadd.w", "flw", "lr.w"]) {
      const hart = new BareHart(engine).setX(1, DEVICE).setX(3, 5n);
      hart.place(CODE, new Program().i("addi").i(name, { rd: 3, rs1: 1, ...(name === "lr.w" ? {} : { rs2: 2 }) }));
      hart.bus.onAccess = () => {
        hart.engine.restartInstruction();
      };
      assert.is(hart.run(10), "attention", name);
      assert.equal([hart.icount, hart.pc, hart.x(3), hart.bus.accesses.length], [1, CODE + 4n, 5n, 1], name);
      hart.bus.onAccess = () => undefined;
      assert.is(hart.run(1), "budget");
      assert.equal([hart.icount, hart.pc], [2, CODE + 8n], name);
    }
  },
);

onEveryEngine(
  "given a store that raises a line, when it has retired, then the interrupt comes before the next instruction",
  (engine) => {
    const hart = new BareHart(engine)
      .setX(1, DEVICE)
      .set("mie", 1n << 11n)
      .set("mstatus", MIE);
    hart.place(CODE, new Program().i("addi").i("sw", { rs1: 1 }).i("addi", { rd: 4, imm: 1 }));
    hart.bus.onAccess = () => {
      hart.raise(1n << 11n);
    };
    hart.run(3);
    assert.equal([hart.field("mepc"), hart.x(4), hart.pc, hart.icount], [CODE + 8n, 0n, HANDLER, 3]);
  },
);

onEveryEngine("given caches that are dropped at every stop, when a program runs, then it ends as without", (engine) => {
  const program = (): Program =>
    new Program()
      .label("loop")
      .i("ld", { rd: 3, rs1: 1 })
      .i("addi", { rd: 3, rs1: 3, imm: 3 })
      .i("sd", { rs1: 1, rs2: 3 })
      .i("bne", { rs1: 3, rs2: 2, imm: "loop" })
      .i("wfi");
  const [whole, pieces] = [0, 1].map(() => new BareHart(engine).setX(1, DATA).setX(2, 300n).place(CODE, program()));
  assert.ok(whole !== undefined && pieces !== undefined);
  assert.is(whole.run(1000), "idle");
  while (pieces.resume(7) !== "idle") pieces.engine.invalidate();
  assert.equal([pieces.icount, pieces.x(3), pieces.pc], [whole.icount, whole.x(3), whole.pc]);
  assert.is(pieces.icount, 401);
});

test.run();
