/** Going on and back: until something stops the machine, or step by step. */
import { flag, maybe, oneOf, whole } from "../../../../options/codecs.js";
import type { MonitorTarget } from "../../target/target.js";
import { backByInstruction, backInto, backOut, backOver, backToStop } from "../../stepping/back-steps.js";
import { goOn as goForward, step } from "../../stepping/forward.js";
import { overByInstruction, stepInto, stepOut, stepOver } from "../../stepping/forward-steps.js";
import { endOf, type StepEnd } from "../../stepping/step-end.js";
import { exceptionInfo } from "../breakpoints/exceptions.js";
import { DapError } from "../dap-error.js";
import { move } from "../moves.js";
import { OWN_REQUESTS } from "../own-requests.js";
import { request } from "../request.js";
import type { DapRequest, DapRequests, DapSession } from "../session.js";
import { stopOf, type DapStop } from "../stop.js";

type Step = (target: MonitorTarget, hart: number) => Promise<StepEnd>;

interface Going {
  readonly threadId: number;
  readonly singleThread?: boolean;
  readonly granularity?: "statement" | "line" | "instruction";
}

/** All threads go, whichever is named. */
interface AllGoing {
  readonly threadId?: number;
}
const ALL_GOING = { threadId: maybe(whole) };

interface Direction {
  /** What the guest does on its way is told. */
  readonly isForward: boolean;
}

/** By source, and by instruction. */
const stepping = (byLine: Step, byInstruction: Step, { isForward }: Direction): DapRequest =>
  request<Going>(
    { threadId: whole, singleThread: maybe(flag), granularity: maybe(oneOf("statement", "line", "instruction")) },
    (session, { threadId, granularity }) => {
      const hart = session.debuggee.hartOf(threadId);
      const how = granularity === "instruction" ? byInstruction : byLine;
      move(session, async ({ target }) =>
        stopOf(session, await going(session, () => how(target, hart), isForward), "step", hart),
      );
      return undefined;
    },
  );

const FORWARD: Direction = { isForward: true };
const BACK: Direction = { isForward: false };

const byInstruction: Step = async (target, hart) => endOf(await step(target, hart));

export const RUNNING_REQUESTS: DapRequests = {
  continue: request<AllGoing>(ALL_GOING, (session, { threadId = 1 }) => {
    session.debuggee.hartOf(threadId);
    move(session, () => goOn(session));
    return { allThreadsContinued: true };
  }),
  reverseContinue: request<AllGoing>(ALL_GOING, (session, { threadId = 1 }) => {
    session.debuggee.hartOf(threadId);
    move(session, async ({ target }) => stopOf(session, await backToStop(target), "step"));
    return undefined;
  }),
  next: stepping(stepOver, overByInstruction, FORWARD),
  stepIn: stepping(stepInto, byInstruction, FORWARD),
  stepOut: stepping(stepOut, stepOut, FORWARD),
  stepBack: stepping(backOver, backByInstruction, BACK),
  [OWN_REQUESTS.stepBackOver]: stepping(backOver, backByInstruction, BACK),
  [OWN_REQUESTS.stepBackInto]: stepping(backInto, backByInstruction, BACK),
  [OWN_REQUESTS.stepBackOut]: stepping(backOut, backOut, BACK),

  pause: request({}, ({ debuggee: { target, isMoving } }) => {
    if (isMoving && target.giveUp?.() !== true) void target.control.pause();
    return undefined;
  }),

  exceptionInfo: request({}, ({ debuggee, trap }) => {
    const { harts, schedule } = debuggee.target.present();
    if (trap === undefined) throw new DapError("NOT_HERE", "the machine stands before no trap that it stopped at");
    return exceptionInfo(trap, harts[schedule.hart]?.fields.pc ?? 0n);
  }),
};

export const goOn = async (session: DapSession): Promise<DapStop> =>
  stopOf(session, await going(session, () => goForward(session.debuggee.target).then(endOf), true), "step");

/** A machine that has taken a trap goes back to before it: there a client sees what trapped. */
async function going(session: DapSession, run: () => Promise<StepEnd>, isForward: boolean): Promise<StepEnd> {
  const { debuggee } = session;
  debuggee.isGoingForward = isForward;
  const end = await run();
  debuggee.isGoingForward = false;
  // What came forward to the present of a machine that runs has not ended.
  if (debuggee.target.control.hasEnded) await debuggee.ended();
  if (isForward && end.cause === "hit" && end.hit.trap !== undefined) {
    const { seq, icount } = debuggee.target.present().position;
    await debuggee.target.seek?.({ seq, icount });
  }
  return end;
}
