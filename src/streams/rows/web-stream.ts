/** Rows as a Web Stream, in a browser and on any host. */
import { check } from "../../options/check.js";
import { exactly, maybe, whole } from "../../options/codecs.js";
import { someRows } from "../past/query/rows.js";

export interface RowStreamOptions {
  /** So many rows may wait in the stream for its reader (16). */
  readonly highWaterMark?: number | undefined;
}

export const DEFAULT_STREAM_ROWS = 16;

export const ROW_STREAM_OPTIONS = exactly<RowStreamOptions>({ highWaterMark: maybe(whole) });

/**
 * Read no faster than the stream is: what `rows` comes from stands still meanwhile, as of an iterator. Cancelling it
 * ends the reading. @throws {OptionError}
 */
export function toWebStream<Row>(
  rows: Iterable<Row> | AsyncIterable<Row>,
  options: RowStreamOptions = {},
): ReadableStream<Row> {
  check("toWebStream", exactly<{ readonly rows: unknown }>({ rows: someRows }), { rows });
  check("toWebStream", ROW_STREAM_OPTIONS, options);
  const { highWaterMark = DEFAULT_STREAM_ROWS } = options;
  const reader: Iterator<Row, unknown> | AsyncIterator<Row, unknown> =
    Symbol.asyncIterator in rows ? rows[Symbol.asyncIterator]() : rows[Symbol.iterator]();
  return new ReadableStream<Row>(
    {
      async pull(controller) {
        const next = await reader.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await reader.return?.();
      },
    },
    { highWaterMark },
  );
}
