/** Commands about where a machine stops by itself, and that go to such a place: forward, or back. */
import { hexAddress } from "../../../reducers/hex.js";
import { goOn } from "../stepping/forward.js";
import { stopPointOf, type StopKind, type StopPoint } from "../stop-points/stop-point.js";
import { completedName } from "./completion.js";
import { scopeOf } from "./evaluate.js";
import { framesOf, selectedFrame } from "./frames.js";
import { notHere, required, type MonitorCommand } from "./monitor-command.js";
import { MonitorError } from "../target/monitor-error.js";
import { returnedText } from "./returned.js";
import type { MonitorTarget, Stops } from "../target/target.js";
import { hitText, told, where } from "./told.js";

const CONDITION =
  "It may end in `if CONDITION`: an expression that is not 0, such as if $a0 == 3 or if link.count > 2.";

const setting = (
  kind: StopKind,
  names: readonly string[],
  operands: string,
  help: string,
  isOnce = false,
): MonitorCommand => ({
  names,
  operands: `${operands} [if CONDITION]`,
  help,
  details: CONDITION,
  run: (target, text) => addPoint(target, kind, required(text, "a place"), isOnce),
  complete: completedName,
});

const CODE = "FUNCTION | FILE:LINE | *ADDRESS";

export const STOPPING_COMMANDS: readonly MonitorCommand[] = [
  setting("break", ["break", "b"], CODE, "stop each time before the instruction there"),
  setting("break", ["tbreak"], CODE, "stop there once", true),
  setting(
    "watch",
    ["watch"],
    "PLACE",
    "stop after each store that changes a place, such as link.count, buf[3] or 0x80002ed8:4",
  ),
  setting("rwatch", ["rwatch"], "PLACE", "stop after each load from a place"),
  setting("awatch", ["awatch"], "PLACE", "stop after each store to a place, and each load"),
  {
    names: ["delete"],
    operands: "[N]",
    help: "take a breakpoint or watchpoint away; without N: all",
    run: (target, operands) => deletePoints(target, operands),
  },
  {
    names: ["reverse-continue", "reverse_continue", "rc"],
    help: "go back to the last breakpoint or watchpoint before here, or to the start",
    details:
      "It stands before the instruction that would hit it. Memory that a watchpoint is of is as it was before the store.",
    isRepeated: true,
    run: (target) => goBack(target),
  },
  {
    names: ["finish"],
    help: "run until the function has returned, of the frame that was chosen",
    run: (target) => finish(target),
  },
];

const stopsOf = (target: MonitorTarget): Stops => {
  if (target.stops !== undefined) return target.stops;
  throw notHere(
    target,
    "without --monitor its code is made without stops; run_until goes to a place, and run_until_true to a change",
  );
};

function addPoint(target: MonitorTarget, kind: StopKind, text: string, isOnce: boolean): string {
  const stops = stopsOf(target);
  const point = stopPointOf(kind, text, scopeOf(target), { mapped: stops.mapped(), isOnce });
  return pointText(
    stops.set(() => stops.points.add(point)),
    target,
  );
}

function deletePoints(target: MonitorTarget, operands: string): undefined {
  const stops = stopsOf(target);
  const { points } = stops;
  if (operands !== "" && !points.all.some(({ number }) => String(number) === operands)) {
    const there = points.all.map(({ number }) => String(number)).join(", ");
    throw new MonitorError("NO_SUCH_POINT", `there is no ${operands}${there === "" ? "" : `: there are ${there}`}`);
  }
  stops.set(() => {
    if (operands === "") points.clear();
    else points.remove(Number(operands));
  });
  return undefined;
}

/** As gdb's `info breakpoints`. */
export const pointsText = (target: MonitorTarget): string => {
  const all = stopsOf(target).points.all;
  return all.length === 0
    ? "There is no breakpoint or watchpoint."
    : all.map((point) => pointText(point, target)).join("\n");
};

const WORDS: Readonly<Record<StopKind, string>> = {
  break: "breakpoint",
  watch: "watchpoint",
  rwatch: "read watchpoint",
  awatch: "access watchpoint",
  trap: "stop before traps",
};

function pointText(
  { number, kind, place, addresses, unmapped = [], condition, isOnce, hits }: StopPoint,
  target: MonitorTarget,
): string {
  const at = addresses
    .map((address) => `${hexAddress(address)}${unmapped.includes(address) ? " (mapped nowhere yet)" : ""}`)
    .join(", ");
  const [line] = addresses.flatMap((address) => target.names.lineAt(address) ?? []);
  const source = kind === "break" && line !== undefined ? `, ${line.file}:${String(line.line)}` : "";
  const only = condition === undefined ? "" : ` if ${condition}`;
  const times = hits === 0 ? "" : `, hit ${String(hits)} times`;
  const named = place === at ? at : `${place} at ${at}`;
  return `${isOnce ? "temporary " : ""}${WORDS[kind]} ${String(number)}: ${named}${source}${only}${times}`;
}

async function goBack(target: MonitorTarget): Promise<string> {
  if (target.past === undefined) throw notHere(target, "a machine that runs goes forward only; replay its recording");
  const hit = await target.past.goBack();
  return hit === undefined ? `no hit before; the start: ${where(target)}` : `${hitText(hit, target)}: ${where(target)}`;
}

/** The caller's stack pointer tells its own return from those of calls that the function makes of itself. */
async function finish(target: MonitorTarget): Promise<string> {
  const stops = stopsOf(target);
  const frames = framesOf(target);
  const { index } = selectedFrame(target);
  const name = frames.slice(index).find(({ isInlined }) => !isInlined)?.function;
  const caller = frames.slice(index + 1).find(({ isInlined }) => !isInlined);
  if (caller === undefined) throw new MonitorError("CANNOT_ACCESS", "nothing is known of who called this function");
  const stackPointer = caller.frame.register(SP);
  const scope = scopeOf(target);
  const address = `0x${caller.pc.toString(16)}`;
  const condition = stackPointer === undefined ? "" : ` if $sp == 0x${stackPointer.toString(16)}`;
  const point = stops.set(() =>
    stops.points.add(stopPointOf("break", `*${address}${condition}`, scope, { mapped: stops.mapped(), isOnce: true })),
  );
  const said = told(await goOn(target), target);
  stops.set(() => stops.points.remove(point.number));
  const [present] = framesOf(target);
  const hasReturned = present?.pc === caller.pc && present.frame.register(SP) === stackPointer;
  const value = hasReturned && name !== undefined ? returnedText(name, target.names, present.frame) : undefined;
  return value === undefined ? said : `${said}\n${name ?? ""} returned ${value}`;
}

const SP = 2;
