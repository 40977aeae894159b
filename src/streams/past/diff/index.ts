/** In what two states differ, and where the guests of two recordings part. */
export { diff, type DiffOptions, type Stateful } from "./diff.js";
export type { Parting } from "./described-parting.js";
export type { Difference, DifferenceKind, PlainValue } from "./difference.js";
export type { Ending, Endings } from "./endings.js";
export type { EventPair } from "./events.js";
export type { Ignorable } from "./ignored.js";
export type { Found } from "./parting.js";
export { RecordingDiff, type RecordingScope } from "./recording-diff.js";
export type { Side } from "./side.js";
export { StateDiff } from "./state-diff.js";
