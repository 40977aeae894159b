/** The requests that go to a moment of a recording, and say which one it is. */
import { maybe, text, whole } from "../../../../options/codecs.js";
import { output } from "../../../past/query/index.js";
import type { Recording } from "../../../past/recording.js";
import type { Until } from "../../../past/until.js";
import { PositionError } from "../../../past/replayer.js";
import { virtualNsOf } from "../../../../machine/inspect.js";
import type { Past } from "../../target/target.js";
import { patternOf } from "../../pattern-words.js";
import { placeOf } from "../../place-words.js";
import { DapError } from "../dap-error.js";
import { momentOf } from "../moment.js";
import type { Debuggee } from "../debuggee.js";
import { move } from "../moves.js";
import { OWN_REQUESTS, type GoToArguments, type GoToOutputArguments, type OutputsArguments } from "../own-requests.js";
import { request } from "../request.js";
import type { DapRequests, DapSession } from "../session.js";

export const MOMENT_REQUESTS: DapRequests = {
  [OWN_REQUESTS.goTo]: request<GoToArguments>({ to: text }, (session, { to }) => {
    const place = placeOf(to);
    goTo(session, (recording) => Promise.resolve(place(recording)));
    return undefined;
  }),

  [OWN_REQUESTS.goToOutput]: request<GoToOutputArguments>({ text }, (session, { text: wanted }) => {
    const of = /^\/.*\/[a-z]*$/s.test(wanted) ? patternOf(wanted) : wanted;
    goTo(session, (recording) => printedAt(session.debuggee, recording, of));
    return undefined;
  }),

  [OWN_REQUESTS.where]: request({}, ({ debuggee }) => {
    debuggee.requireStanding();
    const { target } = debuggee;
    const present = target.present();
    const { seq, icount } = present.position;
    return {
      at: momentOf(present.position),
      seq,
      icount,
      ns: String(virtualNsOf(present)),
      hart: present.schedule.hart,
      mode: target.mode,
      recording: target.recordingName,
      ...(target.firstIcount !== undefined && { firstIcount: target.firstIcount }),
      ...(target.lastIcount !== undefined && { lastIcount: target.lastIcount }),
    };
  }),

  [OWN_REQUESTS.outputs]: request<OutputsArguments>(
    { text: maybe(text), count: maybe(whole) },
    async ({ debuggee }, { text: wanted, count = DEFAULT_LINES }) => {
      const past = pastOf(debuggee);
      const lines$ = output(past.recording, wanted === undefined ? {} : { of: wanted });
      const rows = await past.rows(lines$, Math.min(count, MAX_OUTPUT_LINES));
      return { rows: rows.map((row) => ({ at: momentOf(row), port: row.port, text: row.text })) };
    },
  ),
};

const DEFAULT_LINES = 1000;
/** Of one answer. */
export const MAX_OUTPUT_LINES = 10_000;

/** The last one before here, or else the next one. */
async function printedAt(debuggee: Debuggee, recording: Recording, of: string | RegExp): Promise<Until> {
  const past = pastOf(debuggee);
  const { icount } = debuggee.target.present().position;
  const rows = await past.rows(output(recording, { of }), MAX_OUTPUT_LINES);
  const found = rows.filter((row) => row.icount < icount).at(-1) ?? rows.find((row) => row.icount > icount);
  if (found !== undefined) return { seq: found.seq, icount: found.icount };
  throw new PositionError(`no other line has ${of instanceof RegExp ? String(of) : JSON.stringify(of)} in it`);
}

function goTo(session: DapSession, where: (recording: Recording) => Promise<Until>): void {
  const { recording } = pastOf(session.debuggee);
  move(session, async ({ target }) => {
    await target.seek?.(await where(recording));
    return { reason: "goto", hart: target.present().schedule.hart };
  });
}

/** @throws {DapError} */
function pastOf({ target: { past } }: Debuggee): Past {
  if (past !== undefined) return past;
  throw new DapError("NOT_HERE", "this machine has no past to go to yet");
}
