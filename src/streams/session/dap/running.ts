/** Going on and back: until something stops the machine, or step by step. */
import { flag, maybe, oneOf, whole } from "../../../options/codecs.js";
import type { MonitorTarget } from "../monitor/target.js";
import { backByInstruction, backInto, backOut, backOver, backToStop } from "../stepping/back-steps.js";
import { goOn as goForward, step } from "../stepping/forward.js";
import { stepInto, stepOut, stepOver } from "../stepping/forward-steps.js";
import { endOf, type StepEnd } from "../stepping/step-end.js";
import type { Debuggee } from "./debuggee.js";
import { move } from "./moves.js";
import { request } from "./request.js";
import type { DapRequest, DapRequests } from "./session.js";
import { stopOf, type DapStop } from "./stop.js";

type Step = (target: MonitorTarget, hart: number) => Promise<StepEnd>;

interface Going {
  readonly threadId: number;
  readonly singleThread?: boolean;
  readonly granularity?: "statement" | "line" | "instruction";
}

/** By source, and by instruction. */
const stepping = (byLine: Step, byInstruction = byLine): DapRequest =>
  request<Going>(
    { threadId: whole, singleThread: maybe(flag), granularity: maybe(oneOf("statement", "line", "instruction")) },
    (session, { threadId, granularity }) => {
      const hart = session.debuggee.hartOf(threadId);
      const how = granularity === "instruction" ? byInstruction : byLine;
      move(session, async (debuggee) => stopOf(debuggee, await how(debuggee.target, hart), "step", hart));
      return undefined;
    },
  );

/** All harts. */
const going = (how: (debuggee: Debuggee) => Promise<DapStop>): DapRequest =>
  request({}, (session) => {
    move(session, how);
    return { allThreadsContinued: true };
  });

const byInstruction: Step = async (target, hart) => endOf(await step(target, hart));

export const RUNNING_REQUESTS: DapRequests = {
  continue: going((debuggee) => goOn(debuggee)),
  reverseContinue: going(async (debuggee) => stopOf(debuggee, await backToStop(debuggee.target), "step")),
  next: stepping(stepOver, byInstruction),
  stepIn: stepping(stepInto, byInstruction),
  stepOut: stepping(stepOut),
  stepBack: stepping(backOver, backByInstruction),
  "foldvm/stepBackOver": stepping(backOver, backByInstruction),
  "foldvm/stepBackInto": stepping(backInto, backByInstruction),
  "foldvm/stepBackOut": stepping(backOut),

  pause: request({}, ({ debuggee: { target, isMoving } }) => {
    if (isMoving && target.giveUp?.() !== true) void target.control.pause();
    return undefined;
  }),
};

export const goOn = async (debuggee: Debuggee): Promise<DapStop> =>
  stopOf(debuggee, endOf(await goForward(debuggee.target)), "step");
