/** Positions and times that no short run comes to: past 2^31 and 2^32 instructions, and clocks near 2^63 ns. */
import { positionOf } from "../../src/reducers/position.js";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MIE } from "../../src/machine/hart/mstatus.js";
import { Machine } from "../../src/machine/machine.js";
import type { MachineState } from "../../src/machine/state.js";
import { Program } from "../support/assemble.js";
import { engines, type NamedEngine } from "../support/engines.js";
import { stateOf, type Guest } from "./hostile/hostile-guest.js";

const MTIMECMP = 0x200_4000n;
const [MINSTRET, TIME, MIE_CSR] = [0xb02, 0xc01, 0x304];
const MTI = 1n << 7n;
const NS_A_TICK = 100n;

/** The guest as if it had run so long: an instruction is a ns. */
const after = (guest: Guest, icount: number, biasNs = 0n): MachineState => ({
  ...stateOf(guest),
  position: positionOf(0, icount),
  clock: { biasNs },
});

/** Folds what is due, and warps an idle machine to its deadline; until so far. */
function run({ create }: NamedEngine, state: MachineState, untilIcount: number): Machine {
  const machine = new Machine(state, { engine: create });
  for (let events = 0; events < 20; events += 1) {
    const stop = machine.run(untilIcount);
    const due = machine.due();
    if (due !== undefined) machine.apply(due);
    else if (stop === "idle" && machine.deadlineNs !== undefined)
      machine.apply({ type: "clock/warped", byNs: machine.deadlineNs - machine.virtualNs });
    else return machine;
  }
  throw new Error("events without end");
}

/** Counts how many instructions had retired and what time it was, and waits. */
const HANDLER = new Program()
  .i("csrr", { rd: 20, imm: MINSTRET })
  .i("csrr", { rd: 21, imm: TIME })
  .i("csrrw", { imm: 0x304 })
  .i("jal");

/** The comparator lies in the past until it is set, so its interrupt is enabled behind that. */
const armed = (ticks: bigint): Program =>
  new Program()
    .li(10, MTIMECMP)
    .li(11, ticks)
    .i("sd", { rs1: 10, rs2: 11 })
    .li(12, MTI)
    .i("csrrs", { rs1: 12, imm: MIE_CSR });

for (const engine of engines) {
  test(`${engine.name}: given a timer right before, at and after 2^31 and 2^32 instructions, when it fires, then at its place`, () => {
    for (const mark of [2 ** 31, 2 ** 32, 2 ** 33, 2 ** 40]) {
      for (const offset of [-200, -100, 0, 100, 200]) {
        const deadlineNs = BigInt(Math.ceil((mark + offset) / 100) * 100);
        const fields = { mstatus: MIE };
        const program = armed(deadlineNs / NS_A_TICK).i("jal");
        const machine = run(engine, after({ program, handler: HANDLER, fields }, mark - 1000), mark + 1000);
        const x = machine.state().harts[0]?.x ?? [];
        assert.is(x[20], deadlineNs, `instructions, ${String(mark)} ${String(offset)}`);
        assert.is(x[21], deadlineNs / NS_A_TICK);
        assert.is(machine.position.icount, mark + 1000);
      }
    }
  });

  test(`${engine.name}: given a sleep until the last tick before 2^63 ns, when it wakes, then time is that tick, and goes on`, () => {
    const last = (1n << 63n) / NS_A_TICK;
    for (const ticks of [last, last - 10n, 10n ** 7n * 86_400n * 365n * 200n]) {
      const program = armed(ticks).i("wfi").i("csrr", { rd: 20, imm: TIME }).i("wfi");
      const machine = run(engine, after({ program }, 0), 100);
      assert.is(machine.state().harts[0]?.x[20], ticks, String(ticks));
      assert.ok(machine.virtualNs >= ticks * NS_A_TICK);
    }
  });
}

test.run();
