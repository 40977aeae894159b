/** Commands that let the machine stand still, or bring it to another place. */
import type { Stopped } from "../../time/control.js";
import { EVENT_TYPES, matchingTypes } from "../../store/event-types.js";
import { conditionOf } from "./condition.js";
import { countOf } from "./expression.js";
import { notHere, required, where, type MonitorCommand } from "./monitor-command.js";
import { MonitorError } from "./monitor-error.js";
import type { MonitorTarget } from "./target.js";

export const MOVING_COMMANDS: readonly MonitorCommand[] = [
  {
    names: ["stop"],
    help: "stand still",
    async run({ control }) {
      return told(await control.pause());
    },
  },
  {
    names: ["cont", "c"],
    help: "go on",
    run({ control }) {
      control.resume();
      return undefined;
    },
  },
  {
    names: ["wait"],
    help: "wait until it stands, or the run is over",
    async run(target) {
      const { control } = target;
      if (control.isPaused) return undefined;
      if (control.hasEnded) return told({ cause: "ended", position: target.state().position });
      return told(await new Promise<Stopped>((resolve) => control.stopped$.subscribe(resolve)));
    },
  },
  {
    names: ["step", "stepi", "s"],
    operands: "[N]",
    help: "retire N instructions (1), and the events on the way",
    run: async (target, [count = "1"]) => told(await target.control.step(countOf(count, target.state()))),
  },
  {
    names: ["run_until", "replay_break"],
    operands: "ICOUNT",
    help: "run forward to an instruction count, before the events that stand there",
    run: async (target, operands) =>
      told(
        await target.control.runUntil({ icount: countOf(required(operands, "an instruction count"), target.state()) }),
      ),
  },
  {
    names: ["run_until_text"],
    operands: "TEXT",
    help: "run until a console has printed it",
    run: async ({ control }, operands) =>
      told(await control.runUntil({ text: required([operands.join(" ")], "a text") })),
  },
  {
    names: ["run_until_event"],
    operands: "TYPE",
    help: "run until right after the next event of a type, such as clint/timerFired; uart16550/* is all of a device",
    async run({ control }, operands) {
      const pattern = required(operands, "an event's type");
      const types: readonly string[] = matchingTypes(pattern);
      if (types.length === 0) {
        throw new MonitorError("NO_SUCH_EVENT", `there is no event ${pattern}; there are ${EVENT_TYPES.join(", ")}`);
      }
      return told(await control.runUntil({ event: ({ type }) => types.includes(type) }));
    },
  },
  {
    names: ["run_until_true"],
    operands: "[/N] CONDITION",
    help: "run until $a0 == 3 or the like, looking after each event and every N instructions (1)",
    async run(target, operands) {
      const [every] = operands[0]?.startsWith("/") === true ? operands : [];
      const words = every === undefined ? operands : operands.slice(1);
      const condition = conditionOf(required([words.join("")], "a condition"), target.state());
      const insns = every === undefined ? 1 : countOf(every.slice(1), target.state());
      if (insns < 1) throw new MonitorError("INVALID_NUMBER", `${String(every)}: look every /1 instructions, or more`);
      return told(await target.control.runUntil({ state: condition, every: insns }));
    },
  },
  {
    names: ["replay_seek"],
    operands: "ICOUNT",
    help: "go to an instruction count of the recording, forward or back",
    run: (target, operands) => seek(target, countOf(required(operands, "an instruction count"), target.state())),
  },
  {
    names: ["reverse-stepi", "reverse_stepi"],
    operands: "[N]",
    help: "go N instructions back (1)",
    run(target, [count = "1"]) {
      const state = target.state();
      return seek(target, Math.max(0, state.position.icount - countOf(count, state)));
    },
  },
];

async function seek(target: MonitorTarget, icount: number): Promise<string> {
  if (target.seek === undefined) throw notHere(target, "a machine that runs goes forward only; replay its recording");
  await target.seek(icount);
  return where(target);
}

const told = ({ cause, position }: Stopped): string =>
  `${cause}: instruction ${String(position.icount)}, event ${String(position.seq)}`;
