/** Going on and back until something stops the machine. */
import { flag, maybe, oneOf, whole } from "../../../options/codecs.js";
import type { Stopped } from "../../time/control.js";
import { goOn as goForward, step } from "../gdb/forward.js";
import { DapError } from "./dap-error.js";
import type { Debuggee } from "./debuggee.js";
import { move } from "./moves.js";
import { request } from "./request.js";
import type { DapRequest, DapRequests } from "./session.js";
import type { DapStop } from "./stop.js";

interface Going {
  readonly threadId: number;
  readonly singleThread?: boolean;
  readonly granularity?: "statement" | "line" | "instruction";
}

/** A move of a hart. */
const moving = (how: (debuggee: Debuggee, hart: number, asked: Going) => Promise<DapStop>): DapRequest =>
  request<Going>(
    { threadId: whole, singleThread: maybe(flag), granularity: maybe(oneOf("statement", "line", "instruction")) },
    (session, asked) => {
      const hart = session.debuggee.hartOf(asked.threadId);
      move(session, (debuggee) => how(debuggee, hart, asked));
      return {};
    },
  );

export const RUNNING_REQUESTS: DapRequests = {
  continue: moving(async (debuggee) => goOn(debuggee)),
  reverseContinue: moving(goBack),
  next: moving(async (debuggee, hart) => stopOf(debuggee, await step(debuggee.target, hart), "step", hart)),
  stepIn: moving(async (debuggee, hart) => stopOf(debuggee, await step(debuggee.target, hart), "step", hart)),
  pause: request({}, ({ debuggee: { target, isMoving } }) => {
    if (isMoving && target.giveUp?.() !== true) void target.control.pause();
    return undefined;
  }),
};

export async function goOn(debuggee: Debuggee): Promise<DapStop> {
  return stopOf(debuggee, await goForward(debuggee.target), "step");
}

async function goBack({ target }: Debuggee): Promise<DapStop> {
  if (target.past === undefined) throw new DapError("NOT_HERE", "this machine has no past to go to yet");
  const hit = await target.past.goBack();
  const hart = target.present().schedule.hart;
  return hit === undefined
    ? { reason: "entry", description: "The recording begins here", hart }
    : { reason: "breakpoint", hart };
}

function stopOf(
  { target }: Debuggee,
  stopped: Stopped,
  reason: string,
  hart = target.present().schedule.hart,
): DapStop {
  switch (stopped.cause) {
    case "paused":
      return { reason: "pause", hart };
    case "ended":
      return { reason: "end", description: "The recording ends here", hart };
    case "failed": {
      const text = stopped.fault instanceof Error ? stopped.fault.message : String(stopped.fault);
      return { reason: "exception", description: "The replay failed", text, hart };
    }
    default:
      return { reason: stopped.by === undefined ? reason : "breakpoint", hart };
  }
}
