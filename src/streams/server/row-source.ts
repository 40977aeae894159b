/** What answers with rows, over HTTP or a WebSocket: made of the same parameters. */
import type { Recording } from "../past/recording.js";
import { cursorGiven, endOf, requireThere, type Cursor, type NumberedRow } from "./cursor.js";
import type { Given, Parameter, Parameters } from "./parameters.js";
import { recordingOf } from "./places.js";
import type { Call, Served } from "./route.js";
import { sendBehind, sendRows } from "./send-rows.js";
import type { Watch } from "./watch.js";

export const AFTER: Parameter = {
  description: "the id of the last row that is there, in place of Last-Event-ID",
  schema: { type: "string" },
};

/** 204, of an event stream. */
export const HAS_ALL = "the reader has all: an EventSource then stays away";

export interface RowSource {
  readonly parameters: Parameters;
  /** Whether it runs a machine; else it reads. */
  readonly replays: (given: Given) => boolean;
  /** @throws {Refusal} @throws {OptionError} @throws {PositionError} before the first row, for what can't be asked */
  readonly rows: (asked: RowsAsked) => Promise<AsyncIterable<NumberedRow>>;
  /** The same rows, as they are to be sent. */
  readonly paced?: (rows: AsyncIterable<NumberedRow>, asked: RowsAsked) => AsyncIterable<NumberedRow>;
}

export interface RowsAsked {
  readonly recording: Recording;
  readonly given: Given;
  /** The last row that its reader has. */
  readonly after: Cursor | undefined;
  readonly signal: AbortSignal;
  readonly watch: Watch;
}

interface Request extends Pick<RowsAsked, "recording" | "given" | "signal"> {
  /** Of the last row that its reader has. */
  readonly lastId: string | undefined;
}

/** Its rows, given to `send`. A replay is open meanwhile where it needs one, which works while a row is looked for. */
export async function answerWithRows(
  { replays, rows, paced = (found) => found }: RowSource,
  { recording, given, signal, lastId }: Request,
  { slots, watch, live }: Pick<Served, "slots" | "watch" | "live">,
  send: (rows: AsyncIterable<NumberedRow>) => Promise<void>,
): Promise<void> {
  const after = cursorGiven(lastId, live?.run);
  requireThere(endOf(recording.log), after);
  const asked = { recording, given, after, signal, watch: watch(signal) };
  if (!replays(given)) {
    await send(paced(await rows(asked), asked));
    return;
  }
  const close = slots.open();
  try {
    const found = await slots.during(asked.watch, () => rows(asked));
    await send(paced(slots.inTurn(found, asked.watch), asked));
  } finally {
    close();
  }
}

/** A recording's rows, to who asks for them over HTTP: behind the last one that it has. */
export async function serveRows(source: RowSource, call: Call): Promise<void> {
  const { given, signal, served } = call;
  const recording = recordingOf(call);
  await sendBehind(call, (lastId) =>
    answerWithRows(source, { recording, given, lastId, signal }, served, (rows) => sendRows(call, rows)),
  );
}
