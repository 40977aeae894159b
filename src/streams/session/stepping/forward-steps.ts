/** Steps by source: over, into and out of calls. Each is one run to the first of the places where it may end. */
import type { MonitorTarget, Stops } from "../target/target.js";
import type { StopPoint } from "../stop-points/stop-point.js";
import { activationsOf, besideActivation, calledActivation, inActivation, type Activation } from "./activation.js";
import { behindCall, calledFrom, callSitesOf, type CallSite } from "./call-sites.js";
import { goOn, step } from "./forward.js";
import { isNotWithin, keyOf } from "./lines.js";
import { endOf, type StepEnd } from "./step-end.js";
import { lineBeginsOf, lineBeginsWhere } from "./step-lines.js";
import { passing, stepPlace, stopsOf } from "./step-places.js";

/** Frames to which a function may jump, as longjmp does, and not return. */
const JUMPED_FRAMES = 16;

/** To the next line of the function, or behind its return. */
export async function stepOver(target: MonitorTarget, hart: number): Promise<StepEnd> {
  const { here, left } = whereAt(target, hart);
  const next = isNextLine(target, here, (lines) => isNotWithin(lines, here.lines));
  return (await runTo(target, hart, [...next, ...left])).end;
}

/** The same, but into a function that has lines: behind its beginning, where its parameters are. */
export async function stepInto(target: MonitorTarget, hart: number): Promise<StepEnd> {
  const { here, left, stops } = whereAt(target, hart);
  const { names } = target;
  const next = isNextLine(target, here, () => true);
  const sites = here.code === undefined ? [] : callSitesOf(here.code, target.present());
  const calls = sites.filter(({ target: to }) => to === undefined || hasLines(target, to));
  const isHere = inActivation(here, names);
  const call = stepPlace(
    stops,
    calls.map(({ address }) => address),
    isHere,
  );
  for (;;) {
    const site = siteAt(calls, target, hart);
    const entry = site && calledFrom(site, target.present(), hart);
    if (entry !== undefined && hasLines(target, entry)) {
      const called = calledActivation(names, target.present(), hart, entry);
      const first = stepPlace(stops, lineBeginsOf(called), inActivation(called, names));
      return (await runTo(target, hart, [first, ...next, ...left])).end;
    }
    const { end, place } = await runTo(target, hart, [...next, ...left, call]);
    if (place !== call) return end;
  }
}

/** Behind the return of the function; of an inlined call, to the next line of what it is inlined into. */
export async function stepOut(target: MonitorTarget, hart: number): Promise<StepEnd> {
  const { here, left } = whereAt(target, hart);
  const outer = isNextLine(target, here, (lines) => lines.length < here.lines.length && isNotWithin(lines, here.lines));
  return (await runTo(target, hart, [...(here.lines.length > 1 ? outer : []), ...left])).end;
}

/** One instruction; a call is one with all that it calls. */
export async function overByInstruction(target: MonitorTarget, hart: number): Promise<StepEnd> {
  const { here, stops } = whereAt(target, hart);
  const pc = target.present().harts[hart]?.fields.pc ?? 0n;
  const next = behindCall(pc, target.present());
  if (next === undefined) return endOf(await step(target, hart));
  return (await runTo(target, hart, [stepPlace(stops, [next], inActivation(here, target.names))])).end;
}

interface Where {
  readonly stops: Stops;
  readonly here: Activation;
  /** Where the hart is once it has left the function. */
  readonly left: readonly StopPoint[];
}

function whereAt(target: MonitorTarget, hart: number): Where {
  const stops = stopsOf(target);
  const { names } = target;
  const [here, ...callers] = activationsOf(names, target.present(), hart);
  if (here === undefined) throw new Error("a stack has a frame");
  const { returnsTo } = here;
  const returned = returnsTo === undefined ? [] : [stepPlace(stops, [returnsTo], besideActivation(here))];
  const jumped = callers
    .slice(0, JUMPED_FRAMES)
    .map((caller) => stepPlace(stops, lineBeginsOf(caller), inActivation(caller, names)));
  return { stops, here, left: [...returned, ...jumped] };
}

/** Another line of the function. */
function isNextLine(
  target: MonitorTarget,
  here: Activation,
  isWanted: (lines: Activation["lines"]) => boolean,
): readonly StopPoint[] {
  const present = keyOf(here.lines);
  const begins = lineBeginsWhere(here, target.names, (lines) => keyOf(lines) !== present && isWanted(lines));
  return [stepPlace(stopsOf(target), begins, inActivation(here, target.names))];
}

/** `place`: the one that ended it. Where there is none to go to, it is one instruction. */
async function runTo(
  target: MonitorTarget,
  hart: number,
  places: readonly StopPoint[],
): Promise<{ readonly end: StepEnd; readonly place: StopPoint | undefined }> {
  if (places.every(({ ranges }) => ranges.length === 0)) {
    return { end: endOf(await step(target, hart)), place: undefined };
  }
  const end = endOf(await passing(stopsOf(target), places, () => goOn(target)));
  const place = end.cause === "hit" ? places.find((one) => one === end.hit.point) : undefined;
  return place === undefined ? { end, place } : { end: { cause: "stepped" }, place };
}

const hasLines = ({ names }: MonitorTarget, entry: bigint): boolean =>
  (names.functionCode(entry)?.lineBegins.length ?? 0) > 0;

function siteAt(sites: readonly CallSite[], target: MonitorTarget, hart: number): CallSite | undefined {
  const pc = target.present().harts[hart]?.fields.pc;
  return sites.find(({ address }) => address === pc);
}
