/** What happened, row by row. */
export { LiveRows, type LiveRowsOptions } from "./live-rows.js";
export type { QuestionsByKind } from "./questions-by-kind.js";
export { rows, type RowsOptions, type RowStream } from "./rows.js";
export type { AnyRow, EventRow, FoundRow, GapRow, StreamRow } from "./row.js";
