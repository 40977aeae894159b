/** What a log point says over a whole recording, by one question: nothing goes on for it. */
import { breakAddresses } from "../../../past/query/code-addresses.js";
import { allHits } from "../../stop-points/last-hit.js";
import { stopPointAt } from "../../stop-points/stop-point.js";
import { StopPoints } from "../../stop-points/stop-points.js";
import { stopsOf } from "../../stepping/step-places.js";
import { DapError } from "../dap-error.js";
import type { Debuggee } from "../debuggee.js";
import { momentOf } from "../moment.js";
import type { LogRow, LogsArguments } from "../own-requests.js";
import { logText } from "./log-message.js";
import { linePlace } from "./source-breakpoints.js";

/** Of one answer. */
export const MAX_LOG_ROWS = 10_000;
const DEFAULT_ROWS = 1000;

/** The first ones. @throws {DapError} @throws {PlaceError} */
export async function logsOf(
  debuggee: Debuggee,
  { condition, logMessage, count = DEFAULT_ROWS, ...where }: LogsArguments,
): Promise<readonly LogRow[]> {
  const { target } = debuggee;
  const { past, names } = target;
  if (past === undefined) throw new DapError("NOT_HERE", "this machine has no past to ask yet");
  const place = { kind: "break", place: "a log point", addresses: addressesOf(debuggee, where), condition } as const;
  const scope = { names, at: target.present() };
  const point = stopPointAt({ ...place, isOnce: false }, scope, stopsOf(target).mapped());
  // In the order of the hits.
  const said: string[] = [];
  const points = new StopPoints();
  points.add({
    ...point,
    isMet: (at, icount) => point.isMet(at, icount) && said.push(logText(logMessage, names, at)) > 0,
  });
  const hits = await past.rows(allHits(past.recording, points), Math.min(count, MAX_LOG_ROWS));
  return hits.map(({ position }, index) => ({ at: momentOf(position), text: said[index] ?? "" }));
}

function addressesOf(
  debuggee: Debuggee,
  { source, line, place }: Pick<LogsArguments, "source" | "line" | "place">,
): readonly bigint[] {
  const { target } = debuggee;
  if (place !== undefined) return breakAddresses(place, { names: target.names, at: target.present() });
  if (source !== undefined && line !== undefined) return linePlace(debuggee, source, line).addresses;
  throw new DapError("NOT_HERE", "a log point is at a place, such as main, or at a line of a source");
}
