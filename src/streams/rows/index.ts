/** What happened, row by row. */
export { LiveRows, type LiveRowsOptions } from "./live-rows.js";
export { onlyOfThePast } from "./live-questions.js";
export type { QuestionsByKind } from "./questions-by-kind.js";
export { isWantedEvent, type WantedEvents } from "./wanted-events.js";
export { rows, type RowsOptions, type RowStream } from "./rows.js";
export { isEventRow, type AnyRow, type EventRow, type FoundRow, type GapRow, type StreamRow } from "./row.js";
export { DEFAULT_STREAM_ROWS, ROW_STREAM_OPTIONS, toWebStream, type RowStreamOptions } from "./web-stream.js";
