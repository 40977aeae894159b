/** Deviations of a run from what follows from the state alone: who makes them, and the events that they are. */
import type { Machine } from "../../machine/machine.js";
import type { EventOf, MachineEvent } from "../../reducers/events.js";

/** They come from outside the guest, at any position between two instructions. */
export const DEVIATION_TYPES = [
  "schedule/turnEnded",
  "schedule/turnProlonged",
  "schedule/hartPrioritized",
  "clock/skewed",
] as const;

export type DeviationEvent = EventOf<(typeof DEVIATION_TYPES)[number]>;

export const isDeviationType = (type: unknown): type is DeviationEvent["type"] =>
  (DEVIATION_TYPES as readonly unknown[]).includes(type);

export const isDeviation = (event: MachineEvent): event is DeviationEvent => isDeviationType(event.type);

/** Makes them, as the sequencer asks for them. It knows the guest's state and its own chance, and nothing else. */
export interface Deviations {
  /** Where the run is to stop for the next ones; Infinity: nowhere any more. */
  readonly nextIcount: number;
  /** Inputs that come meanwhile wait while the guest runs, until a later `nextIcount` at the latest. */
  readonly holdsInput: boolean;
  /** An input has gone in, at this position. */
  inputTaken?(machine: Machine): void;
  /**
   * Those of the present position, which has come to `nextIcount`; that is beyond afterwards. Each is asked for when
   * the one before has been reduced, and what was due by it.
   */
  at(machine: Machine): Iterator<DeviationEvent, void>;
}
