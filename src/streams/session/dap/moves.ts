/** A machine moves for a client: it is answered at once, and told when the machine stands again. */
import type { Debuggee } from "./debuggee.js";
import type { DapSession } from "./session.js";
import type { DapStop } from "./stop.js";

/** @throws {DapError} where it moves already */
export function move(session: DapSession, how: (debuggee: Debuggee) => Promise<DapStop>): void {
  const { debuggee } = session;
  debuggee.requireStanding();
  const standing = debuggee.moving(() => how(debuggee));
  standing.then(
    (stop) => {
      session.soon(() => {
        tellStopped(session, stop);
      });
    },
    (fault: unknown) => {
      session.soon(() => {
        const text = fault instanceof Error ? fault.message : String(fault);
        session.say(text);
        const hart = debuggee.target.present().schedule.hart;
        tellStopped(session, { reason: "exception", description: "It can't go there", text, hart });
      });
    },
  );
}

export function tellStopped(session: DapSession, { hart, ...stop }: DapStop): void {
  session.tell("stopped", { ...stop, threadId: session.debuggee.threadOf(hart), allThreadsStopped: true });
}
