/** Rows as NDJSON: a JSON object on each line. */
import { check } from "../../../options/check.js";
import { exactly } from "../../../options/codecs.js";
import { hexOfBytes } from "../../../reducers/hex.js";
import { someRows, type Rows } from "./rows.js";

/** One row, without the end of its line. 64-bit values are decimal strings, for any reader of JSON; bytes are hex. */
export const jsonRow = (row: unknown): string =>
  JSON.stringify(row, (_name, value: unknown) => {
    if (typeof value === "bigint") return value.toString();
    return value instanceof Uint8Array ? hexOfBytes(value) : value;
  });

/** Line by line, each with its end, as they are read. @throws {OptionError} and what `rows` throws */
export function toNdjson(rows: Rows): AsyncGenerator<string, void> {
  check("toNdjson", exactly<{ readonly rows: Rows }>({ rows: someRows }), { rows });
  return linesOf(rows);
}

async function* linesOf(rows: Rows): AsyncGenerator<string, void> {
  for await (const row of rows) yield `${jsonRow(row)}\n`;
}
