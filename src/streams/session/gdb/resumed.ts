/** What `vCont`, `bs` and `bc` make of a machine: where it stands then, and why. */
import type { Stopped } from "../../time/control.js";
import { hitIn } from "../stop-points/stop-at.js";
import type { Hit } from "../stop-points/stop-points.js";
import { icountBefore } from "../stepping/back.js";
import { EINVAL, EPERM, GdbError } from "./errors.js";
import { goOn, step, stepWithin } from "../stepping/forward.js";
import type { Past } from "../target/target.js";
import type { GdbSession } from "./session.js";
import { SIGNALS, type GdbStop } from "./stop-reply.js";

/** A signal is for a process, and a machine takes none. */
export const VCONT_ACTIONS = ["c", "C", "s", "S", "r"] as const;

interface Action {
  readonly kind: "continue" | "step" | "range";
  readonly range: readonly [bigint, bigint] | undefined;
  /** Undefined: all that have none of their own. */
  readonly thread: string | undefined;
}

/** `ACTION[:THREAD];…`: of one hart that is to step, if there is one, while the others go on. */
export async function resumed(session: GdbSession, actions: string): Promise<GdbStop> {
  const own = actions.split(";").map((text) => {
    const { kind, range, thread } = actionOf(text);
    return { kind, range, hart: thread === undefined ? session.hart : session.hartNamed(thread) };
  });
  const stepping = own.find(({ kind }) => kind !== "continue");
  if (stepping === undefined) return stopOf(session, await goOn(session.target));
  return stepped(session, stepping.hart, stepping.range);
}

/** The hart that `s` and `bs` are of. */
export const steppedHartOf = ({ steppedHart, hart }: GdbSession): number => steppedHart ?? hart;

export async function stepped(session: GdbSession, hart: number, range?: readonly [bigint, bigint]): Promise<GdbStop> {
  const { target } = session;
  const stopped = await (range === undefined ? step(target, hart) : stepWithin(target, hart, range));
  return stopOf(session, stopped, hart);
}

export async function back(session: GdbSession, how: "step" | "continue"): Promise<GdbStop> {
  const { target } = session;
  const { past } = target;
  if (past === undefined) throw new GdbError(EPERM, "there is no past to go to");
  return how === "continue" ? continuedBack(session, past) : steppedBack(session, past);
}

async function continuedBack(session: GdbSession, past: Past): Promise<GdbStop> {
  const hit = await past.goBack();
  if (hit === undefined) return { ...trapped(session), logEnd: "begin" };
  // Backwards, a store that gdb is to step over is the one that lies before it.
  if (isStep(hit)) await session.target.seek?.(session.target.present().position.icount + 1);
  return { ...trapped(session, hit.hart), hit };
}

async function steppedBack(session: GdbSession, past: Past): Promise<GdbStop> {
  const { target } = session;
  const hart = steppedHartOf(session);
  const icount = icountBefore(target, past, hart);
  if (icount === undefined) {
    await target.seek?.(target.firstIcount ?? 0);
    return { signal: SIGNALS.trapped, hart, logEnd: "begin" };
  }
  const hit = target.stops?.points.areWatching === true ? await past.hitSince(icount) : undefined;
  if (hit !== undefined && isStep(hit)) return { ...trapped(session, hit.hart), hit };
  await target.seek?.(icount);
  return { signal: SIGNALS.trapped, hart };
}

/**
 * Whether it is an access of an instruction that gdb is to step over, before it looks what has changed: it takes a
 * RISC-V machine for one that stops before such an instruction.
 */
const isStep = ({ point, by }: Hit): boolean => point.kind !== "break" && by === "hart";

function actionOf(text: string): Action {
  const [, letter = "", from, to, thread] =
    /^(c|C[0-9a-f]{2}|s|S[0-9a-f]{2}|r([0-9a-f]{1,16}),([0-9a-f]{1,16}))(?::(-?[0-9a-f]+))?$/i.exec(text) ?? [];
  if (letter === "") throw new GdbError(EINVAL, `${text} is no action`);
  const range =
    from === undefined || to === undefined ? undefined : ([BigInt(`0x${from}`), BigInt(`0x${to}`)] as const);
  const kind = range !== undefined ? "range" : /^c/i.test(letter) ? "continue" : "step";
  return { kind, range, thread };
}

/** The hart whose turn it is, where it is known of none. */
const trapped = (
  { target }: GdbSession,
  hart = target.present().schedule.hart,
): GdbStop & { readonly hart: number } => ({
  signal: SIGNALS.trapped,
  hart,
});

/** A machine is off then; a recording stands at its end. */
const endOf = (session: GdbSession): GdbStop => {
  const { exitCode } = session.target;
  return exitCode === undefined ? { ...trapped(session), logEnd: "end" } : { exitCode };
};

function stopOf(session: GdbSession, stopped: Stopped, hart?: number): GdbStop {
  switch (stopped.cause) {
    case "paused":
      return { ...trapped(session, hart), signal: SIGNALS.interrupted };
    case "reached": {
      const hit = hitIn(stopped);
      if (hit === undefined) return trapped(session, hart);
      return { ...trapped(session, hit.hart), hit };
    }
    case "ended":
    case "unsubscribed":
      return endOf(session);
    case "failed":
      session.say(`foldvm: ${stopped.fault instanceof Error ? stopped.fault.message : String(stopped.fault)}\n`);
      return endOf(session);
    default:
      return trapped(session, hart);
  }
}
