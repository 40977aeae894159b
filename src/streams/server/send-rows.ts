/** Rows over HTTP: Server-Sent Events for who accepts them, NDJSON for all others. */
import { jsonRow } from "../past/query/ndjson.js";
import { sendPieces } from "./answer.js";
import type { NumberedRow } from "./cursor.js";
import { joined } from "./joined.js";
import { problemOf } from "./refusal.js";
import type { Call } from "./route.js";

export const EVENT_STREAM = "text/event-stream";
export const NDJSON = "application/x-ndjson";

/** The `id` of what ends a stream: who comes again with it has all, and an EventSource then stays away. */
const END_ID = "end";

/** So often a silent stream says that it is there, and hears whether its reader is. */
const IDLE_MS = 15_000;
const RETRY_MS = 1000;

export const wantsEventStream = ({ headers: { accept = "" } }: Call["request"]): boolean =>
  accept.split(",").some((type) => type.split(";")[0]?.trim() === EVENT_STREAM);

/** The row that the reader has: of a reconnecting EventSource, or in the address. */
const lastIdOf = ({ request, given }: Pick<Call, "request" | "given">): string | undefined => {
  const header = request.headers["last-event-id"];
  return typeof header === "string" && header !== "" ? header : given.text("after");
};

/** Sends what is behind the last row that the reader has; nothing, where it has all. */
export async function sendBehind(call: Call, send: (lastId: string | undefined) => Promise<void>): Promise<void> {
  const lastId = lastIdOf(call);
  if (lastId === END_ID) call.response.writeHead(204).end();
  else await send(lastId);
}

export async function sendRows(call: Call, rows: AsyncIterable<NumberedRow>): Promise<void> {
  const isEventStream = wantsEventStream(call.request);
  const { signal } = call;
  const parts = isEventStream ? eventsOf(rows) : linesOf(rows);
  const idle = isEventStream ? { ms: IDLE_MS, text: ": waiting\n\n" } : undefined;
  await sendPieces(call, joined(parts, { signal, idle }), 200, {
    "Content-Type": `${isEventStream ? EVENT_STREAM : NDJSON}; charset=utf-8`,
    "X-Accel-Buffering": "no",
  });
}

/** A failure on the way is the last message, since the status has been sent. */
async function* eventsOf(rows: AsyncIterable<NumberedRow>): AsyncGenerator<string, void> {
  yield `retry: ${String(RETRY_MS)}\n\n`;
  try {
    for await (const { id, row } of rows) yield `${id === undefined ? "" : `id: ${id}\n`}data: ${jsonRow(row)}\n\n`;
    yield `event: end\nid: ${END_ID}\ndata: {"kind":"end"}\n\n`;
  } catch (fault) {
    const problem = failedRow(fault);
    // What ran out of time can go on behind its last row; any other fault would come again.
    const id = problem.code === "TIMEOUT" ? "" : `id: ${END_ID}\n`;
    yield `event: failed\n${id}data: ${jsonRow(problem)}\n\n`;
  }
}

async function* linesOf(rows: AsyncIterable<NumberedRow>): AsyncGenerator<string, void> {
  try {
    for await (const { row } of rows) yield `${jsonRow(row)}\n`;
  } catch (fault) {
    yield `${jsonRow(failedRow(fault))}\n`;
  }
}

const failedRow = (fault: unknown) => ({ kind: "failed", ...problemOf(fault) });
