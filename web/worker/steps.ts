/** Steps from a moment to another, forwards and back. */
import { backByInstruction, backInto, backOut, backOver } from "../../src/streams/session/stepping/back-steps.js";
import { stepInto, stepOut, stepOver } from "../../src/streams/session/stepping/forward-steps.js";
import { step } from "../../src/streams/session/stepping/forward.js";
import { toBeginning } from "../../src/streams/session/stepping/jumps.js";
import { endOf, type StepEnd } from "../../src/streams/session/stepping/step-end.js";
import { ReplayTarget } from "../../src/streams/session/target/replay-target.js";
import type { MonitorTarget } from "../../src/streams/session/target/target.js";
import type { Ask, PageInstant, StepKind, Stepped } from "../protocol.js";
import { Cancelled } from "./cancelled.js";
import type { Opened } from "./opened.js";

type Step = (target: MonitorTarget, hart: number) => Promise<StepEnd>;
type BySource = Exclude<StepKind, "event" | "output">;

const FORWARD: Readonly<Record<BySource, Step>> = {
  instruction: async (target, hart) => endOf(await step(target, hart)),
  line: stepOver,
  into: stepInto,
  out: stepOut,
  call: stepOut,
};

const BACK: Readonly<Record<BySource, Step>> = {
  instruction: backByInstruction,
  line: backOver,
  into: backInto,
  out: backOut,
  call: (target, hart) => toBeginning(target, hart, 0),
};

/** Throws Cancelled, and what replays throw. */
export function stepped(opened: Opened, asked: Ask<"step">, from: PageInstant, signal: AbortSignal): Promise<Stepped> {
  const { kind, direction } = asked;
  const isForward = direction === "forward";
  if (kind === "event") return Promise.resolve(toEvent(opened, from, isForward));
  if (kind === "output") return Promise.resolve(toOutput(opened, from, isForward));
  if (kind === "instruction" && opened.recording.config.harts === 1) {
    return Promise.resolve(byInstruction(opened, from, isForward));
  }
  return bySource(opened, { ...asked, kind }, from, signal);
}

const EDGE = { true: "end", false: "beginning" } as const;

/** Right after the next event, or after the one before. */
function toEvent({ events, start, end }: Opened, from: PageInstant, isForward: boolean): Stepped {
  const own = events.event(from.seq) ?? start;
  const seq = isForward ? from.seq + 1 : from.icount > own.icount ? from.seq : from.seq - 1;
  const event = events.event(seq);
  if (event !== undefined) return { seq, icount: event.icount, cause: "stepped" };
  const { seq: edge, icount } = isForward ? end : start;
  return { seq: edge, icount, cause: EDGE[`${isForward}`] };
}

/** Where any console is about to print. */
function toOutput({ survey, start, end }: Opened, from: PageInstant, isForward: boolean): Stepped {
  const found = [...survey.consoles.values()]
    .map((journal) => (isForward ? journal.after(from) : journal.before(from)))
    .filter((instant) => instant !== undefined)
    .sort((a, b) => (isForward ? a.icount - b.icount : b.icount - a.icount));
  const [first] = found;
  const { seq, icount } = first ?? (isForward ? end : start);
  return { seq, icount, cause: first === undefined ? EDGE[`${isForward}`] : "stepped" };
}

function byInstruction({ events, start, end }: Opened, from: PageInstant, isForward: boolean): Stepped {
  const icount = from.icount + (isForward ? 1 : -1);
  const edge = isForward ? end : start;
  if (isForward ? icount > end.icount : icount < start.icount) return { ...placeOf(edge), cause: EDGE[`${isForward}`] };
  return { ...placeOf(events.before(icount)), cause: "stepped" };
}

const placeOf = ({ seq, icount }: PageInstant): { readonly seq: number; readonly icount: number } => ({ seq, icount });

async function bySource(
  opened: Opened,
  { kind, direction, hart }: Ask<"step"> & { readonly kind: BySource },
  from: PageInstant,
  signal: AbortSignal,
): Promise<Stepped> {
  const target = targetOf(opened);
  const giveUp = (): void => {
    if (!target.giveUp()) void target.control.pause();
  };
  signal.addEventListener("abort", giveUp);
  try {
    await target.seek({ seq: from.seq, icount: from.icount });
    const of = hart ?? target.present().schedule.hart;
    const end = await (direction === "forward" ? FORWARD : BACK)[kind](target, of);
    if (signal.aborted) throw new Cancelled();
    if (end.cause === "failed") throw end.fault;
    const { seq, icount } = target.present().position;
    const cause = end.cause === "beginning" ? "beginning" : end.cause === "ended" ? "end" : "stepped";
    return { seq, icount, cause };
  } catch (fault) {
    throw signal.aborted ? new Cancelled() : fault;
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

/** One machine for all steps of a recording. */
const targets = new WeakMap<Opened, ReplayTarget>();

function targetOf(opened: Opened): ReplayTarget {
  let target = targets.get(opened);
  if (target === undefined) {
    // What fails is told to who stepped.
    target = new ReplayTarget(opened.recording, { heard: ignored, failed: ignored, quit: ignored });
    targets.set(opened, target);
  }
  return target;
}

const ignored = (): void => undefined;
