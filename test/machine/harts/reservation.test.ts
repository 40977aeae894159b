/** LR/SC across harts: what another hart does in between makes the SC fail, even if memory is as it was. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { Machine } from "../../../src/machine/machine.js";
import type { MachineState } from "../../../src/machine/state.js";
import { initialPlatform } from "../../../src/reducers/platform.js";
import * as schedule from "../../../src/reducers/schedule.js";
import { Program } from "../../support/assemble.js";
import { onEveryEngine, type NamedEngine } from "../../support/engines.js";
import { CODE, DATA, stateOf } from "../hostile/hostile-guest.js";

const OTHERS_CODE = CODE + 0x1000n;
const [A0, A1, S0] = [10, 11, 20];

/** Hart 0 loads with a reservation, and stores on condition: S0 says whether it failed. */
const reserving = new Program()
  .li(A0, DATA)
  .i("lr.d", { rd: A1, rs1: A0 })
  .i("sc.d", { rd: S0, rs1: A0, rs2: A1 })
  .i("wfi");
const AFTER_LR = reserving.length - 2;

const twoHarts = (other: Program): MachineState => {
  const alone = stateOf({ program: reserving, memory: [[OTHERS_CODE, other]], x: { [S0]: 7n } });
  const config = { ...alone.config, harts: 2 };
  const [first] = alone.harts;
  if (first === undefined) throw new Error("there is no hart");
  const second = { ...first, fields: { ...first.fields, pc: OTHERS_CODE } };
  return {
    ...{ ...alone, config, harts: [first, second] },
    ...{ schedule: schedule.initialState(2), platform: initialPlatform(config) },
  };
};

/** Whether hart 0's SC fails, if the other hart has a turn right after the LR. */
function failsAfter(other: Program, { create }: NamedEngine): boolean {
  const machine = new Machine(twoHarts(other), { engine: create });
  machine.run(AFTER_LR);
  machine.apply({ type: "schedule/turnEnded" });
  assert.is(machine.present.schedule.hart, 1);
  machine.run(1000);
  const [hart] = machine.state().harts;
  return hart?.x[S0] === 1n;
}

onEveryEngine("given another hart that stores another value in between, then the SC fails", (engine) => {
  assert.ok(failsAfter(new Program().li(A0, DATA).li(A1, 5n).i("sd", { rs1: A0, rs2: A1 }).i("wfi"), engine));
});

onEveryEngine("given another hart that stores what was there in between, then the SC fails", (engine) => {
  const there = new Program().li(A0, DATA).i("ld", { rd: A1, rs1: A0 }).i("sd", { rs1: A0, rs2: A1 }).i("wfi");
  assert.ok(failsAfter(there, engine));
});

onEveryEngine("given no other hart's turn in between, then the SC stores", ({ create }) => {
  const machine = new Machine(twoHarts(new Program().i("wfi")), { engine: create });
  machine.run(1000);
  assert.is(machine.state().harts[0]?.x[S0], 0n);
});

test.run();
