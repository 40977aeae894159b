/** A machine moves for a client: it is answered at once, and told when the machine stands again. */
import { MonitorError } from "../target/monitor-error.js";
import type { Debuggee } from "./debuggee.js";
import type { DapSession } from "./session.js";
import type { DapStop } from "./stop.js";

/** @throws {DapError} where it moves already */
export function move(session: DapSession, how: (debuggee: Debuggee) => Promise<DapStop>): void {
  const { debuggee } = session;
  debuggee.requireStanding();
  session.trap = undefined;
  const standing = debuggee.moving(async () => {
    for (const complaint of await session.points.prepare()) session.say(complaint);
    return how(debuggee);
  });
  standing.then(
    (stop) => {
      session.soon(() => {
        tellStopped(session, stop);
      });
    },
    (fault: unknown) => {
      session.soon(() => {
        tellStopped(session, stopOfFault(session, fault));
      });
    },
  );
}

/** It stands where it stood. */
function stopOfFault(session: DapSession, fault: unknown): DapStop {
  const hart = session.debuggee.target.present().schedule.hart;
  if (fault instanceof MonitorError && fault.code === "INTERRUPTED") return { reason: "pause", hart };
  const text = fault instanceof Error ? fault.message : String(fault);
  session.say(text);
  return { reason: "pause", description: "Paused: it can't go there", text, hart };
}

export function tellStopped(session: DapSession, { hart, ...stop }: DapStop): void {
  session.flush();
  session.tell("stopped", { ...stop, threadId: session.debuggee.threadOf(hart), allThreadsStopped: true });
}
