/** A recording from a moment on: the state there, what came from outside after it, and how it ended. */
import type { MachineState } from "../../../machine/state.js";
import type { PlainPosition } from "../../../reducers/position.js";
import { isDeviation } from "../../chaos/deviations.js";
import { STOPPED } from "../../store/log/index.js";
import { EventClock } from "../recorded-events.js";
import type { Recording } from "../recording.js";
import type { Until } from "../until.js";
import { NO_READING, type HostReading } from "./answers.js";
import {
  inputOf,
  isInput,
  MAX_BRANCH_INPUTS,
  tooManyInputs,
  type BranchInput,
  type InputPlace,
} from "./branch-input.js";
import { PositionError } from "../replayer.js";

/** A position that the parent comes to. */
export interface ParentPosition extends PlainPosition {
  readonly ns: bigint;
}

export interface ForkPoint {
  readonly state: MachineState;
  /** After it, in order. */
  readonly inputs: readonly BranchInput[];
  /** The parent's last position. `isOpen`: its machine was not off there, and would have gone on. */
  readonly end: ParentPosition & { readonly isOpen: boolean };
}

/** The latest ones are kept, since many branches are made from one place. */
const MAX_KEPT_POINTS = 4;
const points = new WeakMap<Recording, Map<string, ForkPoint>>();

/** @throws {Divergence} @throws {PositionError} */
export function forkPoint(recording: Recording, at: Until): ForkPoint {
  const kept = points.get(recording) ?? new Map<string, ForkPoint>();
  points.set(recording, kept);
  const key = JSON.stringify(at);
  const point = kept.get(key) ?? newPoint(recording, recording.at(at));
  kept.delete(key);
  kept.set(key, point);
  const [oldest] = kept.keys();
  if (kept.size > MAX_KEPT_POINTS && oldest !== undefined) kept.delete(oldest);
  return point;
}

/** Of a state that the recording comes to: nothing runs. */
export function newPoint(recording: Recording, state: MachineState): ForkPoint {
  const { log, config } = recording;
  const clock = new EventClock(state.clock, config.shift);
  const inputs: BranchInput[] = [];
  for (const positioned of log.events({ fromSeq: state.position.seq + 1 })) {
    const event = clock.timed(positioned);
    if (!isInput(positioned.event)) continue;
    if (inputs.length === MAX_BRANCH_INPUTS) throw tooManyInputs("the recording has");
    inputs.push(inputOf(event));
  }
  const { seq, icount } = log.end ?? { seq: log.lastSeq, icount: log.lastIcount };
  const isOpen = log.end === undefined || log.end.cause === STOPPED;
  return { state, inputs, end: { seq, icount, ns: clock.nsAt(icount), isOpen } };
}

/** A place of a recording, with its time: nothing runs. @throws {PositionError} where the recording does not have it */
export function instantOf(recording: Recording, until: Until): InputPlace {
  const { log, config } = recording;
  const { seq = Infinity, icount = Infinity } = typeof until === "number" ? { icount: until } : until;
  const clock = EventClock.ofLog(log, config.shift);
  let last: PlainPosition = log.start;
  let nextIcount = log.end?.icount ?? log.lastIcount;
  for (const positioned of log.events()) {
    if (positioned.seq > seq || (seq === Infinity && positioned.icount >= icount)) {
      nextIcount = positioned.icount;
      break;
    }
    last = clock.timed(positioned);
  }
  const place = icount === Infinity ? last.icount : icount;
  if ((seq !== Infinity && last.seq !== seq) || place < last.icount || place > nextIcount) {
    const where = [
      seq === Infinity ? "" : `event ${String(seq)}`,
      icount === Infinity ? "" : `icount ${String(icount)}`,
    ];
    throw new PositionError(`the recording has no ${where.filter((part) => part !== "").join(" with ")}`);
  }
  return { icount: place, ns: clock.nsAt(place) };
}

/** The last reading of the host's clock up to an event. */
export function readingUpTo(recording: Recording, seq: number): HostReading {
  let last = NO_READING;
  for (const event of recording.eventsFrom()) {
    if (event.seq > seq) break;
    if (event.type === "goldfishRtc/hostClockRead") last = event;
  }
  return last;
}

/** The parent's last position before an input of a branch is due, and before all that happens at that instant. */
export function parentBefore(recording: Recording, { state }: ForkPoint, input: BranchInput): PlainPosition {
  const clock = new EventClock(state.clock, recording.config.shift);
  const dueIcount = (): number => (isDeviation(input) ? input.icount : clock.icountAt(input.ns));
  let last: PlainPosition = state.position;
  let reached = dueIcount();
  let end = recording.log.end?.icount ?? recording.log.lastIcount;
  for (const positioned of recording.log.events({ fromSeq: state.position.seq + 1 })) {
    const { icount, ns } = clock.timed(positioned);
    if (isDeviation(input) ? icount >= input.icount : ns >= input.ns) {
      end = icount;
      break;
    }
    last = positioned;
    reached = dueIcount();
  }
  return { seq: last.seq, icount: Math.min(Math.max(reached, last.icount), end) };
}
