/** A line that a person types for the monitor, as gdb's `monitor` has it: `> replay_seek 5000000`. */
import { firstValueFrom } from "rxjs";

import { Monitor } from "../../monitor/monitor.js";
import { tellStopped } from "../moves.js";
import type { DapSession } from "../session.js";

export const MONITOR_SIGN = ">";

/** What it answers. Where it moved the machine, the client is told that it stands elsewhere. */
export async function monitorLine(session: DapSession, line: string): Promise<string> {
  const { debuggee } = session;
  const { target } = debuggee;
  const before = target.present().position;
  const answer = await debuggee.busy(async () => {
    const { control } = target;
    const wasStanding = control.isPaused;
    const said = await new Monitor(target).execute(line);
    // `cont` answers at once.
    if (wasStanding && target.control === control && !control.isPaused && !control.hasEnded) {
      await firstValueFrom(control.stopped$);
    }
    return said;
  });
  const { position, schedule } = target.present();
  if (position.icount !== before.icount || position.seq !== before.seq) {
    debuggee.forget();
    session.soon(() => {
      tellStopped(session, { reason: "goto", description: "Moved by the monitor", hart: schedule.hart });
    });
  }
  return answer;
}
