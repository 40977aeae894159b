/** Commands that go to any place of a recording, back too. */
import type { Until } from "../../past/until.js";
import { isPlace, placeOf } from "../place-words.js";
import { countOf } from "./evaluate.js";
import { notHere, required, type MonitorCommand } from "./monitor-command.js";
import type { MonitorTarget } from "../target/target.js";
import { where } from "./told.js";

export const BACK_COMMANDS: readonly MonitorCommand[] = [
  {
    names: ["goto", "replay_seek"],
    operands: "WHERE",
    help: "go to a place of the recording, forward or back: a mark, 5_000_000, end, 1.5s, /TEXT/",
    details: "As every WHERE of foldvm: also seq:N, SEQ@ICOUNT, start, ns:N, event:TYPE; or an expression.",
    run: (target, operands) => seek(target, placeIn(target, required(operands, "a place"))),
  },
  {
    names: ["mark"],
    operands: "NAME",
    help: "give this place a name, for goto; nothing is written",
    run(target, name) {
      target.marks.set(required(name, "a name"), target.present().position);
      return `${name} is ${where(target)}`;
    },
  },
  {
    names: ["reverse-stepi", "reverse_stepi", "rsi"],
    operands: "[N]",
    help: "go N instructions back (1), not beyond the recording's start",
    isRepeated: true,
    run(target, operands) {
      const present = target.present();
      const insns = operands === "" ? 1 : countOf(operands, target);
      return seek(target, Math.max(target.firstIcount ?? 0, present.position.icount - insns));
    },
  },
];

/** @throws {MonitorError} @throws {PlaceError} @throws {OptionError} @throws {PositionError} */
function placeIn(target: MonitorTarget, text: string): Until {
  const { marks, past } = target;
  if (past === undefined) throw notHere(target, FORWARD_ONLY);
  return marks.get(text) ?? (isPlace(text) ? placeOf(text)(past.recording) : countOf(text, target));
}

const FORWARD_ONLY = "a machine that runs goes forward only; replay its recording";

async function seek(target: MonitorTarget, until: Until): Promise<string> {
  if (target.seek === undefined) throw notHere(target, FORWARD_ONLY);
  await target.seek(until);
  return where(target);
}
