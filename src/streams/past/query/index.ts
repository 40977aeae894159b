/** Questions about the past of a recording. */
export { at, untilOf, type When } from "./at.js";
export { reads, writes, type Access, type AccessesOptions, type Write } from "./accesses.js";
export type { AskedOptions } from "./asked.js";
export { calls, type Call, type CallsOptions } from "./calls.js";
export { csrs, type CsrsOptions, type CsrWrite } from "./csrs.js";
export { devices, type DeviceAccess, type DevicesOptions } from "./device-accesses.js";
export { output, type OutputLine, type OutputOptions } from "./output.js";
export { PlaceError } from "../names/place-error.js";
export type { Place } from "../names/place.js";
export { Query, type Explanation, type QueryOperator } from "./query.js";
export { select } from "./operators/select.js";
export { where } from "./operators/where.js";
export type { Kind, Listener, Question, Reading } from "./question.js";
export type { Range } from "./range.js";
export type { Instant } from "../../../reducers/stream-event.js";
export type { RowOfHart } from "./row.js";
export { TRAP_NAMES, traps, type Trap, type TrapsOptions } from "./traps.js";
export { visits, type Visit, type VisitsOptions } from "./visits.js";
