/** A moment of a recording: registers, CSRs and devices of the state there, and its hash. */
import { CSRS } from "../../../machine/hart/csr.js";
import { readCsr, seenBy, virtualNsOf } from "../../../machine/inspect.js";
import { floatRegister, integerRegister } from "../../../machine/isa/registers.js";
import { hashOfState } from "../../../machine/state-hash.js";
import type { MachineState } from "../../../machine/state.js";
import { hex64 } from "../../../reducers/hex.js";
import { Moment } from "../../past/moment.js";
import { readied } from "../../past/query/progress.js";
import { paced } from "../../past/paced.js";
import { sendJson } from "../answer.js";
import { placeParameter, recordingOf, replaying, stateGiven } from "../places.js";
import type { Route } from "../route.js";
import { STATE } from "../schemas.js";

export const states: Route = {
  path: "/recordings/{name}/states",
  summary: "The state at a moment: registers, CSRs, devices, and the hash that a replay is held against.",
  parameters: {
    at: placeParameter("the moment (end)"),
    names: {
      description:
        "1: with the function, the stack and the task of each hart; of a Linux guest all of it is replayed first",
      schema: { enum: ["0", "1"], default: "0" },
    },
  },
  answers: { "application/json": STATE },
  serve: async (call) => {
    const recording = recordingOf(call);
    const isNamed = call.given.flag("names");
    const answer = await replaying(call, async (watch) => {
      const state = await stateGiven(call, recording, watch);
      if (!isNamed) return stateRow(state);
      await paced(watch.steps(readied(recording, {})));
      return named(stateRow(state), Moment.of(recording, state));
    });
    sendJson(call, answer);
  },
};

interface HartRow {
  readonly hart: number;
  readonly pc: bigint;
}

const stateRow = (state: MachineState) => ({
  ...state.position,
  ns: virtualNsOf(state),
  hash: hex64(hashOfState(state)),
  /** Whose turn it is. */
  hart: state.schedule.hart,
  power: state.power,
  harts: state.harts.map(({ x, f, fields }, hart) => {
    const seen = seenBy(state, hart);
    const csrs = [...CSRS.values()].map(({ name }) => [name, readCsr(seen, name)] as const);
    return {
      hart,
      pc: fields.pc,
      privilege: ["U", "S", "", "M"][Number(fields.privilege)] ?? "",
      x: Object.fromEntries(x.map((value, index) => [integerRegister(index), value])),
      f: Object.fromEntries(f.map((value, index) => [floatRegister(index), value])),
      csrs: Object.fromEntries(csrs),
    };
  }),
  devices: state.platform,
});

const named = (row: ReturnType<typeof stateRow>, moment: Moment) => ({
  ...row,
  harts: row.harts.map((hart) => ({ ...hart, ...namesOf(hart, moment) })),
});

function namesOf({ hart, pc }: HartRow, moment: Moment) {
  const { names } = moment.recording;
  const line = names.lineAt(pc);
  return {
    function: names.functionAt(pc)?.name,
    line: line === undefined ? undefined : `${line.file}:${String(line.line)}`,
    stack: moment.stack(hart),
    task: moment.taskOf(hart),
  };
}
