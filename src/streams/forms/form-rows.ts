/** What a form reads: rows of the one source, or any that have what those have. */
import type { AnyRow } from "../rows/row.js";

export type FormRows = Iterable<AnyRow> | AsyncIterable<AnyRow>;

/** With what else a row of its kind has, which whoever reads it looks at. */
export type FormRow = AnyRow & Readonly<Record<string, unknown>>;
