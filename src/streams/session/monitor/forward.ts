/** Commands that let the machine go on, to a place or until it is told. */
import { hartOf, seenBy, type Inspected } from "../../../machine/inspect.js";
import { lastValueFrom, take } from "rxjs";

import { EVENT_TYPES, matchingTypes, nearestTypes } from "../../store/event-types.js";
import type { Stopped } from "../../time/control.js";
import { completedName } from "./completion.js";
import { Expression } from "../../past/names/expression/index.js";
import { countOf, valueOf } from "./evaluate.js";
import { required, textOf, type MonitorCommand } from "./monitor-command.js";
import { MonitorError } from "../target/monitor-error.js";
import { goOn } from "../stepping/forward.js";
import type { MonitorTarget } from "../target/target.js";
import { told } from "./told.js";

/** Memory mostly keeps what it got, and a look costs as much as some thousand instructions. */
const INSNS_A_LOOK = 10_000;

export const FORWARD_COMMANDS: readonly MonitorCommand[] = [
  {
    names: ["stop"],
    help: "stand still",
    run: async (target) => told(await target.control.pause(), target),
  },
  {
    names: ["cont", "c", "continue"],
    help: "go on",
    details: "Where there are breakpoints or watchpoints, it answers when it came to one, or was stopped.",
    async run(target) {
      if ((target.stops?.points.all.length ?? 0) > 0) return told(await goOn(target), target);
      target.control.resume();
      return undefined;
    },
  },
  {
    names: ["wait"],
    help: "wait until it stands, or the run is over",
    async run(target) {
      const { control } = target;
      if (control.isPaused) return undefined;
      if (control.hasEnded) return told({ cause: "ended", position: target.present().position }, target);
      return told(await lastValueFrom(control.stopped$.pipe(take(1))), target);
    },
  },
  {
    names: ["step", "stepi", "s", "si"],
    operands: "[N]",
    help: "retire N instructions (1), and the events on the way",
    isRepeated: true,
    run: async (target, operands) =>
      told(await target.control.step(operands === "" ? 1 : countOf(operands, target)), target),
  },
  {
    names: ["run_until", "replay_break"],
    operands: "ICOUNT | FUNCTION | *ADDRESS",
    help: "run forward to an instruction count, or to the next time that the pc is there",
    details:
      "At an instruction count it stops before the events that stand there. For an address each instruction is looked at: some million a second.",
    isRepeated: true,
    run: async (target, operands) => {
      const place = required(operands, "an instruction count, a function or *ADDRESS");
      const isAddress = place.startsWith("*") || target.names.has(place);
      return told(await (isAddress ? arrive(target, place.replace(/^\*/, "")) : goOnTo(target, place)), target);
    },
    complete: completedName,
  },
  {
    names: ["run_until_text"],
    operands: "TEXT",
    help: "run until a console has printed it",
    run: async (target, operands) => told(await target.control.runUntil({ text: textOf(operands) }), target),
  },
  {
    names: ["run_until_event"],
    operands: "TYPE",
    help: "run until right after the next event of a type, such as clint/timerFired; uart16550/* is all of a device",
    isRepeated: true,
    async run(target, operands) {
      const types: readonly string[] = matchingTypes(required(operands, "an event's type"));
      if (types.length === 0) {
        throw new MonitorError("NO_SUCH_EVENT", `there is no event ${operands}; ${nearestTypes(operands)}`);
      }
      return told(await target.control.runUntil({ event: ({ type }) => types.includes(type) }), target);
    },
    complete: (_, operands) => EVENT_TYPES.filter((type) => type.startsWith(operands)),
  },
  {
    names: ["run_until_true"],
    operands: "[/N] CONDITION",
    help: "run until an expression is not 0, such as $a0 == 3 or *counter >= 10 && $a1 != 0",
    details:
      "It looks after each event and every N instructions. Where it then is true, it stops at the very instruction, since the look before, at\n" +
      `which it became so; what is true only between two looks goes unseen. N is 1 where the condition names a $register, and ${String(INSNS_A_LOOK)}\n` +
      "where it is of memory alone. Memory that is not mapped makes it false. Each look costs about a microsecond, or with N beyond 1 a tenth\n" +
      "of a millisecond.",
    run: (target, operands) => runUntilTrue(target, operands),
    complete: completedName,
  },
];

/** @throws {MonitorError} for a place that lies behind. */
function goOnTo(target: MonitorTarget, place: string): Promise<Stopped> {
  const present = target.present();
  const icount = countOf(place, target);
  if (icount >= present.position.icount) return target.control.runUntil({ icount });
  const back = target.seek === undefined ? "a machine that runs goes forward only" : "goto goes back";
  throw new MonitorError(
    "NO_SUCH_POSITION",
    `instruction ${String(icount)} is behind: it stands at ${String(present.position.icount)}; ${back}`,
  );
}

/** At the place already, it goes on to the next time. */
async function arrive(target: MonitorTarget, place: string): Promise<Stopped> {
  const { control } = target;
  const address = valueOf(place, target);
  const isAt = (at: Inspected): boolean => at.harts[hartOf(at)]?.fields.pc === address;
  const stepped = await control.step();
  if (stepped.cause !== "reached") return stepped;
  return control.runUntil({ present: (at) => isAt(seenBy(at, target.hart)) });
}

async function runUntilTrue(target: MonitorTarget, operands: string): Promise<string> {
  const [, given, text = ""] = /^(?:\/(\S*))?\s*(.*)$/s.exec(operands) ?? [];
  const { control, names } = target;
  const condition = new Expression(required(text, "a condition"));
  const every = given === undefined ? (condition.hasRegister ? 1 : INSNS_A_LOOK) : countOf(given, target);
  if (every < 1) throw new MonitorError("INVALID_NUMBER", `/${String(given)}: look every /1 instructions, or more`);
  const holds = (at: Inspected): boolean => condition.holds({ names, at: seenBy(at, target.hart) });
  // A name that is not there is said before anything runs.
  holds(target.present());
  const stopped = await control.runUntil({ present: holds, every });
  const said = told(stopped, target);
  return every === 1 ? said : `${said} (looked at every ${String(every)} instructions)`;
}
