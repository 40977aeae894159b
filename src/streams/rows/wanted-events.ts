/** Which events are among the rows. */
import { value } from "../../options/codecs.js";

/** True: all; false: none; or what came from outside alone, or what followed from the state. */
export type WantedEvents = boolean | "input" | "predicted";

export const WANTED_EVENTS = value<WantedEvents>(
  'true, false, "input" or "predicted"',
  (given) => typeof given === "boolean" || given === "input" || given === "predicted",
);

export const isWantedEvent = (wanted: WantedEvents, kind: "input" | "predicted"): boolean =>
  wanted === true || wanted === kind;
