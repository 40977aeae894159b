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
}

export interface RowsAsked {
  readonly recording: Recording;
  readonly given: Given;
  /** Of the last row that its reader has. */
  readonly lastId: string | undefined;
  readonly signal: AbortSignal;
  readonly watch: Watch;
}

/** Its rows, given to `send`, with a replay's slot held meanwhile where it needs one. */
export async function answerWithRows(
  { replays, rows }: RowSource,
  asked: Omit<RowsAsked, "watch">,
  { slots, watch }: Pick<Served, "slots" | "watch">,
  send: (rows: AsyncIterable<NumberedRow>) => Promise<void>,
): Promise<void> {
  const { given, signal } = asked;
  const release = replays(given) ? await slots.take(signal) : undefined;
  try {
    await send(await rows({ ...asked, watch: watch(signal) }));
  } finally {
    release?.();
  }
}
