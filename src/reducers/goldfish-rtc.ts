/**
 * The Goldfish real-time clock: the wall clock in ns since the epoch, with an alarm (QEMU's goldfish_rtc).
 *
 * The wall clock is outside the fold. An access that needs it waits for a reading, which is an event.
 */
import { produce, type Draft } from "immer";
import * as t from "io-ts";

import type { BusAccess, Device, HostWait, Step, Stored } from "./device.js";
import { NO_EFFECTS, type Effect } from "./effect.js";
import type { EventIn, EventTable } from "./event-table.js";
import { U32, U64 } from "./scalars.js";

export const GoldfishRtcState = t.readonly(
  t.type({
    /** The host's reading for the waiting access. It is dropped after that access. */
    readingNs: t.union([U64, t.undefined]),
    /** The difference that the guest made by setting the time, modulo 2^64. */
    offsetNs: U64,
    /** Latched by reading TIME_LOW, so that both halves belong to one time. */
    timeHigh: U32,
    alarmNs: U64,
    alarmRunning: t.boolean,
    interruptPending: t.boolean,
    interruptEnabled: t.boolean,
  }),
);
export type GoldfishRtcState = t.TypeOf<typeof GoldfishRtcState>;

const EVENTS = {
  /** The host's wall clock was read for the guest's access; in ns since the epoch. */
  "goldfishRtc/hostClockRead": { wireId: 5, origin: "input", isAnswer: true, payload: { hostNs: U64 } },
  /** The wall clock passed the RTC's alarm. */
  "goldfishRtc/alarmFired": { wireId: 6, origin: "input", payload: {} },
} as const satisfies EventTable;
type GoldfishRtcEvent = EventIn<typeof EVENTS>;

const initialState: GoldfishRtcState = {
  readingNs: undefined,
  offsetNs: 0n,
  timeHigh: 0,
  alarmNs: 0n,
  alarmRunning: false,
  interruptPending: false,
  interruptEnabled: false,
};

/** An access that reads or sets the time, or compares an alarm with it. */
const hostWait: HostWait<GoldfishRtcState, GoldfishRtcEvent> = {
  asks: (state, access) => (state.readingNs === undefined && usesHostClock(access) ? CLOCK_REQUESTED : undefined),
  held: ({ readingNs }) =>
    readingNs === undefined ? undefined : { type: "goldfishRtc/hostClockRead", hostNs: readingNs },
  unanswered: { type: "goldfishRtc/hostClockRead", hostNs: 0n },
};

const step = (state: GoldfishRtcState, event: BusAccess | GoldfishRtcEvent): Step<GoldfishRtcState> => {
  const effects: Effect[] = [];
  const after = produce(state, (draft) => {
    switch (event.type) {
      case "goldfishRtc/hostClockRead":
        draft.readingNs = event.hostNs;
        break;
      case "goldfishRtc/alarmFired":
        // The guest may have cleared the alarm before its event came.
        if (!draft.alarmRunning) break;
        draft.alarmRunning = false;
        draft.interruptPending = true;
        break;
      case "bus/loaded":
        if (!usesHostClock(event)) break;
        draft.timeHigh = Number(timeNs(draft) >> 32n);
        draft.readingNs = undefined;
        break;
      case "bus/stored":
        store(draft, event, effects);
        break;
      default:
        event satisfies never;
    }
  });
  return [after, effects];
};

export const goldfishRtc: Device<"goldfishRtc", GoldfishRtcState, typeof EVENTS> = {
  name: "goldfishRtc",
  model: "goldfish_rtc",
  place: { base: 0x0010_1000, sizeBytes: 0x1000, source: 11 },
  codec: GoldfishRtcState,
  initialState: () => initialState,
  events: EVENTS,
  step,
  /** QEMU splits an access of 8 bytes into the registers it covers. */
  accepts: ({ offset, width }) => width >= 4 && offset % width === 0 && offset + width <= END,
  load(state, { offset, width }) {
    if (width === 4) return register(state, offset);
    // The low half is read first, and latches the high one.
    const high = offset === TIME_LOW ? timeNs(state) >> 32n : register(state, offset + 4);
    return register(state, offset) | (high << 32n);
  },
  loadHasEffect: ({ offset }) => offset === TIME_LOW,
  origin: (_, { offset }) =>
    offset <= TIME_HIGH ? { kind: "event", type: "goldfishRtc/hostClockRead", back: 0 } : undefined,
  canTake: () => true,
  interruptLine: (state) => state.interruptPending && state.interruptEnabled,
  hostWait,
  outstanding: (state) => (state.alarmRunning ? [alarmArmed(state)] : NO_EFFECTS),
  node: { name: "rtc", properties: ["interrupts", "reg", ["compatible", ["google,goldfish-rtc"]]] },
};

const TIME_LOW = 0x00;
const TIME_HIGH = 0x04;
const ALARM_LOW = 0x08;
const ALARM_HIGH = 0x0c;
const IRQ_ENABLED = 0x10;
const CLEAR_ALARM = 0x14;
const ALARM_STATUS = 0x18;
const CLEAR_INTERRUPT = 0x1c;
const END = 0x24;
const LOW_HALF = 0xffff_ffffn;
const CLOCK_REQUESTED: Effect = { type: "hostClock/requested" };

const usesHostClock = ({ type, offset }: Pick<BusAccess, "type" | "offset">): boolean =>
  offset === TIME_LOW || (type === "bus/stored" && (offset === TIME_HIGH || offset === ALARM_LOW));

const timeNs = (state: GoldfishRtcState): bigint => BigInt.asUintN(64, (state.readingNs ?? 0n) + state.offsetNs);

/** The alarm's time on the host's clock. */
const alarmArmed = ({ alarmNs, offsetNs }: GoldfishRtcState): Effect => ({
  type: "rtcAlarm/armed",
  hostNs: BigInt.asUintN(64, alarmNs - offsetNs),
});

const register = (state: GoldfishRtcState, offset: number): bigint => {
  switch (offset) {
    case TIME_LOW:
      return timeNs(state) & LOW_HALF;
    case TIME_HIGH:
      return BigInt(state.timeHigh);
    case ALARM_LOW:
      return state.alarmNs & LOW_HALF;
    case ALARM_HIGH:
      return state.alarmNs >> 32n;
    case IRQ_ENABLED:
      return state.interruptEnabled ? 1n : 0n;
    case ALARM_STATUS:
      return state.alarmRunning ? 1n : 0n;
    default:
      return 0n;
  }
};

const store = (draft: Draft<GoldfishRtcState>, event: Stored, effects: Effect[]): void => {
  storeRegister(draft, event.offset, event.value & LOW_HALF, effects);
  if (event.width === 8) storeRegister(draft, event.offset + 4, event.value >> 32n, effects);
  if (usesHostClock(event)) draft.readingNs = undefined;
};

const storeRegister = (draft: Draft<GoldfishRtcState>, offset: number, value: bigint, effects: Effect[]): void => {
  switch (offset) {
    case TIME_LOW:
    case TIME_HIGH: {
      const before = timeNs(draft);
      draft.offsetNs = BigInt.asUintN(64, draft.offsetNs + merge(before, offset, value) - before);
      break;
    }
    case ALARM_LOW: {
      draft.alarmNs = merge(draft.alarmNs, 0, value);
      const wasRunning = draft.alarmRunning;
      draft.alarmRunning = draft.alarmNs > timeNs(draft);
      if (draft.alarmRunning) effects.push(alarmArmed(draft));
      else if (wasRunning) effects.push({ type: "rtcAlarm/cleared" });
      if (!draft.alarmRunning) draft.interruptPending = true;
      break;
    }
    case ALARM_HIGH:
      draft.alarmNs = merge(draft.alarmNs, 4, value);
      break;
    case IRQ_ENABLED:
      draft.interruptEnabled = (value & 1n) === 1n;
      break;
    case CLEAR_ALARM:
      if (draft.alarmRunning) effects.push({ type: "rtcAlarm/cleared" });
      draft.alarmRunning = false;
      break;
    case CLEAR_INTERRUPT:
      draft.interruptPending = false;
      break;
    default:
      break;
  }
};

const merge = (register64: bigint, offset: number, value: bigint): bigint =>
  offset === 0 ? (register64 & ~LOW_HALF) | value : (value << 32n) | (register64 & LOW_HALF);
