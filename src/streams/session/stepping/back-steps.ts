/**
 * Steps by source, backwards: each ends where a step forward would have stopped last, at the beginning of a line; that
 * is where a run of the line began, if it came to its beginning several times.
 */
import type { PastHit } from "../stop-points/last-hit.js";
import type { MonitorTarget } from "../target/target.js";
import type { StopPoint } from "../stop-points/stop-point.js";
import {
  activationsOf,
  besideActivation,
  calledActivation,
  inActivation,
  type Activation,
  type CallUnderWay,
} from "./activation.js";
import { icountBefore } from "./back.js";
import { BackSearch } from "./back-search.js";
import { callBefore, calledFrom, callSitesOf } from "./call-sites.js";
import { isNotWithin, keyOf } from "./lines.js";
import type { StepEnd } from "./step-end.js";
import { lineBeginsWhere } from "./step-lines.js";
import { stepPlace } from "./step-places.js";

/** To the line before in the function; from its first one, to the line that called it. */
export async function backOver(target: MonitorTarget, hart: number): Promise<StepEnd> {
  const step = new BackStep(target, hart);
  const { here, search } = step;
  if (step.isAtBeginning) return backByInstruction(target, hart);
  const lines = new LinesBack(step, here, (one) => isNotWithin(one, here.lines), { bounds: step.before });
  const found = await search.last([lines.begins, ...step.before], { before: search.present });
  return search.goTo(await step.lineOf(found, lines));
}

/** The same, but to the last line of a function that the line before called. */
export async function backInto(target: MonitorTarget, hart: number): Promise<StepEnd> {
  const step = new BackStep(target, hart);
  const { here, search } = step;
  if (step.isAtBeginning) return backByInstruction(target, hart);
  const lines = new LinesBack(step, here, () => true, { bounds: step.before });
  const calls = new CallsBack(step);
  for (let before = search.present; ;) {
    const found = await search.last([calls.place, lines.begins, ...step.before], { before });
    if (found?.point !== calls.place) return search.goTo(await step.lineOf(found, lines));
    const within = await calls.lineWithin(found, before);
    if (within !== undefined) return search.goTo(within);
    if (lines.begins.addresses.includes(found.pc ?? 0n)) return search.goTo(await lines.beginningOf(found));
    before = found.position;
  }
}

/** To the call of the function; from an inlined one, to the line before of what it is inlined into. */
export async function backOut(target: MonitorTarget, hart: number): Promise<StepEnd> {
  const step = new BackStep(target, hart);
  const { here, search } = step;
  if (step.isAtBeginning) return backByInstruction(target, hart);
  const depth = here.lines.length;
  const lines = new LinesBack(step, here, (one) => one.length < depth && isNotWithin(one, here.lines), {
    bounds: step.before,
  });
  const found = await search.last([...(depth > 1 ? [lines.begins] : []), ...step.before], { before: search.present });
  return search.goTo(found?.point === lines.begins ? await lines.beginningOf(found) : found);
}

/** To the last stop point before here, or to the start. */
export async function backToStop(target: MonitorTarget): Promise<StepEnd> {
  const search = new BackSearch(target);
  return search.goTo(await search.last([], { before: search.present }));
}

/** To where the hart stood before it retired its last instruction. */
export async function backByInstruction(target: MonitorTarget, hart: number): Promise<StepEnd> {
  const search = new BackSearch(target);
  const icount = icountBefore(target, search.past, hart);
  if (icount === undefined) return search.goTo(undefined);
  const hit = await search.last([], { before: search.present, from: icount });
  if (hit !== undefined) return search.goTo(hit);
  await target.seek?.(icount);
  return { cause: "stepped" };
}

/** Where a step back begins. */
class BackStep {
  readonly search: BackSearch;
  readonly here: Activation;
  /** Where the function was called, or else where it began: what lies before is none of it. */
  readonly before: readonly StopPoint[];
  /** It has just begun, and nobody knows who called it. */
  readonly isAtBeginning: boolean;
  private readonly caller: CallUnderWay | undefined;
  private readonly called: StopPoint | undefined;

  constructor(
    readonly target: MonitorTarget,
    readonly hart: number,
  ) {
    this.search = new BackSearch(target);
    const [here, caller] = activationsOf(target.names, target.present(), hart);
    if (here === undefined) throw new Error("a stack has a frame");
    this.here = here;
    this.caller = caller;
    this.called = this.callOf(here);
    this.before = this.boundsOf(here);
    this.isAtBeginning = this.called === undefined && (here.code === undefined || here.pc === here.code.entry);
  }

  /** The beginning of the line that was found: one of the function, or the one that called it. */
  async lineOf(found: PastHit | undefined, lines: LinesBack): Promise<PastHit | undefined> {
    if (found?.point === lines.begins) return lines.beginningOf(found);
    const { caller } = this;
    if (found === undefined || found.point !== this.called || caller === undefined) return found;
    const isWanted = (one: Activation["lines"]): boolean => isNotWithin(one, caller.lines);
    return new LinesBack(this, caller, isWanted, { bounds: this.boundsOf(caller) }).beginningOf(found);
  }

  private boundsOf(call: CallUnderWay): readonly StopPoint[] {
    const called = call === this.here ? this.called : this.callOf(call);
    if (called !== undefined) return [called];
    return call.code === undefined ? [] : [stepPlace(this.search.stops, [call.code.entry], besideActivation(call))];
  }

  private callOf(call: CallUnderWay): StopPoint | undefined {
    const site = call.returnsTo === undefined ? undefined : callBefore(call.returnsTo, this.target.present());
    return site === undefined ? undefined : stepPlace(this.search.stops, [site], besideActivation(call));
  }
}

/** What a call's own lines lie behind. */
interface Beginning {
  readonly bounds?: readonly StopPoint[];
  readonly from?: PastHit["position"];
}

/** The lines of a call that is, or was, under way. */
class LinesBack {
  readonly begins: StopPoint;

  constructor(
    private readonly step: BackStep,
    private readonly activation: Activation,
    private readonly isWanted: (lines: Activation["lines"]) => boolean,
    private readonly beginning: Beginning,
  ) {
    this.begins = this.placeOf(() => true);
  }

  /** Where the run of a line began in which an instruction is. */
  async beginningOf(found: PastHit): Promise<PastHit> {
    const { search, target } = this.step;
    const key = keyOf(target.names.linesAt(found.pc ?? 0n));
    const { position: before } = found;
    const [same, others] = [this.placeOf((one) => one === key), this.placeOf((one) => one !== key)];
    const { bounds = [], from } = this.beginning;
    const other = await search.lastOf([others, ...bounds], { before, from });
    const first = await search.first([same], { before, from: other?.position ?? from });
    if (first === undefined) return found;
    // Between the two somebody may stop it.
    return (await search.last([], { before, from: first.position })) ?? first;
  }

  private placeOf(isKey: (key: string | undefined) => boolean): StopPoint {
    const { names } = this.step.target;
    const begins = lineBeginsWhere(this.activation, names, (lines) => isKey(keyOf(lines)) && this.isWanted(lines));
    return stepPlace(this.step.search.stops, begins, inActivation(this.activation, names));
  }
}

/** The calls that a function made. */
class CallsBack {
  readonly place: StopPoint;
  private readonly sites: ReturnType<typeof callSitesOf>;

  constructor(private readonly step: BackStep) {
    const { here, target, search } = step;
    const sites = here.code === undefined ? [] : callSitesOf(here.code, target.present());
    this.sites = sites.filter(({ target: to }) => to === undefined || this.hasLines(to));
    const addresses = this.sites.map(({ address }) => address);
    this.place = stepPlace(search.stops, addresses, inActivation(here, target.names));
  }

  /** The last line of what was called there; undefined: it has none. */
  async lineWithin(call: PastHit, before: PastHit["position"]): Promise<PastHit | undefined> {
    const { target, search, hart } = this.step;
    const site = this.sites.find(({ address }) => address === call.pc);
    const at = search.recording.at(call.position);
    const entry = site && calledFrom(site, at, hart);
    if (entry === undefined || !this.hasLines(entry)) return undefined;
    const called = calledActivation(target.names, at, hart, entry);
    const lines = new LinesBack(this.step, called, () => true, { from: call.position });
    const found = await search.last([lines.begins], { before, from: call.position });
    return found?.point === lines.begins ? lines.beginningOf(found) : found;
  }

  private hasLines(entry: bigint): boolean {
    return (this.step.target.names.functionCode(entry)?.lineBegins.length ?? 0) > 0;
  }
}
