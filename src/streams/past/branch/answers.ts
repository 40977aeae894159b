/** What a guest asks of the host, and what answers it in a branch: its parent's answers in order, then our own. */
import type { Effect } from "../../../reducers/effect.js";
import type { MachineEvent } from "../../../reducers/events.js";
import { randomOf } from "../../chaos/random.js";

/** An effect that asks for an answer. */
export type Asking = Extract<
  Effect,
  { readonly type: "entropy/requested" | "disk/requested" | "rtcAlarm/armed" | "hostClock/requested" }
>;

const ASKING: ReadonlySet<string> = new Set<Asking["type"]>([
  "entropy/requested",
  "disk/requested",
  "rtcAlarm/armed",
  "hostClock/requested",
]);

export const isAsking = (effect: Effect): effect is Asking => ASKING.has(effect.type);

/** What an answer is matched to its request by; undefined: the event answers nothing. */
export function keyOfAnswer(event: MachineEvent): string | undefined {
  switch (event.type) {
    case "goldfishRtc/hostClockRead":
      return CLOCK_KEY;
    case "goldfishRtc/alarmFired":
      return ALARM_KEY;
    case "virtioRng/entropyProvided":
      return entropyKey(event.slot);
    case "virtioBlk/requestCompleted":
      return diskKey(event.slot, event.id);
    default:
      return undefined;
  }
}

/** Requests of one kind are answered in the order in which they come; a disk's by their numbers. */
export function keyOfRequest(asking: Asking): string {
  switch (asking.type) {
    case "hostClock/requested":
      return CLOCK_KEY;
    case "rtcAlarm/armed":
      return ALARM_KEY;
    case "entropy/requested":
      return entropyKey(asking.slot);
    case "disk/requested":
      return diskKey(asking.slot, asking.id);
  }
}

const CLOCK_KEY = "clock";
export const ALARM_KEY = "alarm";
const entropyKey = (slot: number): string => `entropy ${String(slot)}`;
const diskKey = (slot: number, id: number): string => `disk ${String(slot)} ${String(id)}`;

/** The host's clock as last read, and the virtual clock then. */
export interface HostReading {
  readonly hostNs: bigint;
  readonly ns: bigint;
}

/** Before the first reading: the epoch, when the machine starts. */
export const NO_READING: HostReading = { hostNs: 0n, ns: 0n };

/** The host's clock goes on from its last reading as the virtual clock does. */
export const hostNsAt = ({ hostNs, ns }: HostReading, nowNs: bigint): bigint => BigInt.asUintN(64, hostNs + nowNs - ns);

const DISK_OK = 0;

/** The answer to a request that the parent has none for. `number`: of the answers of its kind and slot, from 0. */
export function ownAnswer(
  asking: Asking,
  { seed, number, hostNs }: { readonly seed: string; readonly number: number; readonly hostNs: bigint },
): MachineEvent {
  switch (asking.type) {
    case "hostClock/requested":
      return { type: "goldfishRtc/hostClockRead", hostNs };
    case "rtcAlarm/armed":
      return { type: "goldfishRtc/alarmFired" };
    case "entropy/requested": {
      const random = randomOf(`${seed} ${keyOfRequest(asking)} ${String(number)}`);
      return {
        type: "virtioRng/entropyProvided",
        slot: asking.slot,
        bytes: Uint8Array.from({ length: asking.length }, () => random.below(256)),
      };
    }
    case "disk/requested":
      return { type: "virtioBlk/requestCompleted", slot: asking.slot, id: asking.id, status: DISK_OK };
  }
}

/** A recorded answer as it fits a request that may be another one: a driver gets no more than it has room for. */
export const fitting = (answer: MachineEvent, asking: Asking): MachineEvent =>
  answer.type === "virtioRng/entropyProvided" && asking.type === "entropy/requested"
    ? { ...answer, bytes: answer.bytes.subarray(0, asking.length) }
    : answer;
