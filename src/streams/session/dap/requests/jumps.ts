/** To another time at which a line was executed, and back to where a call began. */
import { anyObject, text, whole } from "../../../../options/codecs.js";
import type { MonitorTarget } from "../../target/target.js";
import { toBeginning, toLastTime, toNextTime } from "../../stepping/jumps.js";
import type { StepEnd } from "../../stepping/step-end.js";
import { linePlace } from "../breakpoints/source-breakpoints.js";
import { DapError } from "../dap-error.js";
import { move } from "../moves.js";
import { checked, request } from "../request.js";
import type { DapRequests } from "../session.js";
import { stopOf } from "../stop.js";

type Jump = (target: MonitorTarget, addresses: readonly bigint[]) => Promise<StepEnd>;

/** A target's number is its place in them. */
const JUMPS: readonly { readonly label: string; readonly jump: Jump }[] = [
  { label: "the last time before here", jump: toLastTime },
  { label: "the next time", jump: toNextTime },
];

export const JUMP_REQUESTS: DapRequests = {
  gotoTargets: request<{ source: { path?: unknown }; line: number }>(
    { source: anyObject, line: whole },
    ({ debuggee }, { source, line: asked }) => {
      const { path } = checked<{ path: string }>({ path: text }, source);
      const { line, addresses } = linePlace(debuggee, path, asked);
      debuggee.destinations = JUMPS.map(
        ({ jump }) =>
          (target) =>
            jump(target, addresses),
      );
      return { targets: JUMPS.map(({ label }, id) => ({ id, label: `line ${String(line)}: ${label}`, line })) };
    },
  ),

  goto: request<{ threadId: number; targetId: number }>(
    { threadId: whole, targetId: whole },
    (session, { threadId, targetId }) => {
      const { debuggee } = session;
      debuggee.hartOf(threadId);
      const go = debuggee.destinations[targetId];
      if (go === undefined) throw new DapError("NOT_HERE", `${String(targetId)}: ask gotoTargets for where to go`);
      move(session, async ({ target }) => stopOf(session, await go(target), "goto"));
      return undefined;
    },
  ),

  restartFrame: request<{ frameId: number }>({ frameId: whole }, (session, { frameId }) => {
    const { hart, frame, depth } = session.debuggee.shown(frameId);
    if (frame.isInlined) throw new DapError("NOT_HERE", "an inlined call has no beginning to go back to");
    move(session, async ({ target }) => stopOf(session, await toBeginning(target, hart, depth), "restart", hart));
    return undefined;
  }),
};
