/** Rows as a stream of Node's. */
import { Readable } from "node:stream";

import { check } from "../../options/check.js";
import { exactly } from "../../options/codecs.js";
import { someRows } from "../past/query/rows.js";
import { DEFAULT_STREAM_ROWS, ROW_STREAM_OPTIONS, type RowStreamOptions } from "../rows/index.js";

/**
 * In object mode, or of text as `toNdjson` makes it. Read no faster than the stream is: what `rows` comes from stands
 * still meanwhile. Destroying it ends the reading. @throws {OptionError}
 */
export function toNodeStream(
  rows: Iterable<unknown> | AsyncIterable<unknown>,
  options: RowStreamOptions = {},
): Readable {
  check("toNodeStream", exactly<{ readonly rows: unknown }>({ rows: someRows }), { rows });
  check("toNodeStream", ROW_STREAM_OPTIONS, options);
  const { highWaterMark = DEFAULT_STREAM_ROWS } = options;
  return Readable.from(rows, { highWaterMark });
}
