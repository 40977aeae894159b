/** What answers with rows, over HTTP or a WebSocket: made of the same parameters. */
import type { Recording } from "../past/recording.js";
import type { NumberedRow } from "./cursor.js";
import type { Given, Parameters } from "./parameters.js";
import type { Served } from "./route.js";
import type { Watch } from "./watch.js";

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
  /** Of the last row that its reader has. */
  readonly lastId: string | undefined;
  readonly signal: AbortSignal;
  readonly watch: Watch;
}

/** Its rows, given to `send`. A replay is open meanwhile where it needs one, which works while a row is looked for. */
export async function answerWithRows(
  { replays, rows, paced = (found) => found }: RowSource,
  request: Omit<RowsAsked, "watch">,
  { slots, watch }: Pick<Served, "slots" | "watch">,
  send: (rows: AsyncIterable<NumberedRow>) => Promise<void>,
): Promise<void> {
  const { given, signal } = request;
  const asked = { ...request, watch: watch(signal) };
  if (!replays(given)) {
    await send(paced(await rows(asked), asked));
    return;
  }
  const close = slots.open();
  try {
    const found = await slots.during(signal, () => rows(asked));
    await send(paced(slots.inTurn(found, signal), asked));
  } finally {
    close();
  }
}
