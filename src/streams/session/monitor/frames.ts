/** `bt`, `frame` and its kin: the calls that led here, and the one whose variables are meant. */
import { hartOf } from "../../../machine/inspect.js";
import { variablesOf } from "../../past/names/frame.js";
import { readPlace } from "../../past/names/read-place.js";
import { PlaceError } from "../../past/names/place-error.js";
import { valueText } from "../../past/names/value.js";
import { stackOf, stackText, type StackFrame } from "../../past/stack.js";
import type { MonitorCommand } from "./monitor-command.js";
import { MonitorError } from "../target/monitor-error.js";
import type { MonitorTarget } from "../target/target.js";

export const FRAME_COMMANDS: readonly MonitorCommand[] = [
  {
    names: ["bt", "backtrace", "where"],
    help: "the calls that led here, the innermost first",
    run: (target) => stackText(framesOf(target)),
  },
  {
    names: ["frame"],
    operands: "[N]",
    help: "look at call N of bt: its variables and registers are what names mean",
    run: (target, operands) => select(target, operands === "" ? selectedFrame(target).index : indexOf(operands)),
  },
  {
    names: ["up"],
    help: "look at the caller",
    isRepeated: true,
    run: (target) => select(target, selectedFrame(target).index + 1),
  },
  {
    names: ["down"],
    help: "look at the call that it made",
    isRepeated: true,
    run: (target) => select(target, selectedFrame(target).index - 1),
  },
];

interface Selected {
  readonly index: number;
  /** Undefined: the innermost, whatever is known of it. */
  readonly frame: StackFrame["frame"] | undefined;
}

/** The innermost wherever the machine has moved since one was chosen. */
export function selectedFrame(target: MonitorTarget): Selected {
  const { seq, icount } = target.present().position;
  const { frame } = target;
  const isHere = frame?.seq === seq && frame.icount === icount && frame.hart === hartOf(target.present());
  return isHere ? { index: frame.index, frame: framesOf(target)[frame.index]?.frame } : { index: 0, frame: undefined };
}

/** `info locals`: a line each. */
export function localsText(target: MonitorTarget): string {
  const present = target.present();
  const frame = selectedFrame(target).frame ?? framesOf(target)[0]?.frame;
  const variables = frame === undefined ? [] : variablesOf(target.names, frame);
  if (variables.length === 0) return "No variables are known here: they take debugging information (gcc -g).";
  return variables
    .map(({ name }) => {
      try {
        const { value, type } = readPlace(name, { names: target.names, at: present, frame });
        return `${name} = ${valueText(value, type)}`;
      } catch (fault) {
        if (!(fault instanceof PlaceError)) throw fault;
        return `${name} = <${fault.message}>`;
      }
    })
    .join("\n");
}

/** Of the hart that is looked at, the innermost first. */
export const framesOf = (target: MonitorTarget): readonly StackFrame[] => {
  const present = target.present();
  return stackOf(target.names, present, hartOf(present));
};

function select(target: MonitorTarget, index: number): string {
  const frames = framesOf(target);
  const frame = frames[index];
  if (frame === undefined) {
    throw new MonitorError(
      "NO_SUCH_FRAME",
      `there is no call ${String(index)}: bt has 0 to ${String(frames.length - 1)}`,
    );
  }
  const present = target.present();
  target.frame = { ...present.position, hart: hartOf(present), index };
  return stackText(frames).split("\n")[index] ?? "";
}

function indexOf(operands: string): number {
  if (/^\d+$/.test(operands)) return Number(operands);
  throw new MonitorError("INVALID_NUMBER", `frame ${operands}: give a number that bt shows`);
}
