/** What happened, row by row. */
export { rows, type RowsOptions, type RowStream } from "./rows.js";
export type { AnyRow, EventRow, FoundRow, StreamRow } from "./row.js";
