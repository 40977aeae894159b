/** Questions about the past of a recording. */
export { reads, writes, type Access, type AccessesOptions, type Write } from "./accesses.js";
export type { AskedOptions } from "./asked.js";
export { output, type OutputLine, type OutputOptions } from "./output.js";
export { PlaceError, type Place } from "./place.js";
export { Query, type Explanation, type Range } from "./query.js";
export type { Instant } from "../../../reducers/stream-event.js";
export type { RowOfHart } from "./row.js";
export { TRAP_NAMES, traps, type Trap, type TrapsOptions } from "./traps.js";
export { calls, visits, type Call, type CallsOptions, type Visit, type VisitsOptions } from "./visits.js";
