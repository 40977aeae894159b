/**
 * The Goldfish real-time clock: the wall clock in ns since the epoch, with an alarm (QEMU's goldfish_rtc).
 *
 * The wall clock is outside the fold: an access that needs it waits for a reading, which is an event.
 */
import { produce } from "immer";
import * as t from "io-ts";

import type { Access, BusAccess, Device, Effect, Stored } from "./device.js";
import type { EventOf } from "./events.js";
import { U32, U64 } from "./scalars.js";

export const GoldfishRtcState = t.readonly(
  t.type({
    /** The host's reading for the access that waits for it; gone after that access. */
    readingNs: t.union([U64, t.undefined]),
    /** What the guest added to the host's clock by setting the time, modulo 2^64. */
    offsetNs: U64,
    /** Latched by reading TIME_LOW, so that the two halves belong together. */
    timeHigh: U32,
    alarmNs: U64,
    alarmRunning: t.boolean,
    interruptPending: t.boolean,
    interruptEnabled: t.boolean,
  }),
);
export type GoldfishRtcState = t.TypeOf<typeof GoldfishRtcState>;

export type GoldfishRtcInput = EventOf<"goldfishRtc/hostClockRead" | "goldfishRtc/alarmFired">;

export const initialState: GoldfishRtcState = {
  readingNs: undefined,
  offsetNs: 0n,
  timeHigh: 0,
  alarmNs: 0n,
  alarmRunning: false,
  interruptPending: false,
  interruptEnabled: false,
};

/** Whether the access must wait for `goldfishRtc/hostClockRead`: it reads or sets the time, or compares an alarm with it. */
export const needsHostClock = (state: GoldfishRtcState, access: Pick<BusAccess, "type" | "offset">): boolean =>
  state.readingNs === undefined && usesHostClock(access);

export const reduce = (state: GoldfishRtcState, event: BusAccess | GoldfishRtcInput): GoldfishRtcState => {
  switch (event.type) {
    case "goldfishRtc/hostClockRead":
      return produce(state, (draft) => {
        draft.readingNs = event.hostNs;
      });
    case "goldfishRtc/alarmFired":
      // The guest may have cleared the alarm while its firing was on the way.
      if (!state.alarmRunning) return state;
      return produce(state, (draft) => {
        draft.alarmRunning = false;
        draft.interruptPending = true;
      });
    case "bus/loaded":
      if (!usesHostClock(event)) return state;
      return produce(state, (draft) => {
        draft.timeHigh = Number(timeNs(state) >> 32n);
        draft.readingNs = undefined;
      });
    case "bus/stored":
      return stored(state, event);
    default:
      event satisfies never;
      return state;
  }
};

export const load = (state: GoldfishRtcState, { offset, width }: Access): bigint => {
  if (width === 4) return register(state, offset);
  // The low half is read first, and latches the high one.
  const high = offset === TIME_LOW ? timeNs(state) >> 32n : register(state, offset + 4);
  return register(state, offset) | (high << 32n);
};

export const loadHasEffect = ({ offset }: Access): boolean => offset === TIME_LOW;

/** QEMU splits an access of 8 bytes into the registers it covers. */
export const accepts = ({ offset, width }: Access): boolean =>
  width >= 4 && offset % width === 0 && offset + width <= END;

export const effects = (state: GoldfishRtcState, event: BusAccess | GoldfishRtcInput): readonly Effect[] => {
  if (event.type !== "bus/stored") return NO_EFFECTS;
  if (event.offset === ALARM_LOW) {
    const alarmNs = merge(state.alarmNs, 0, event.value & LOW_HALF);
    if (alarmNs > timeNs(state))
      return [{ type: "rtcAlarm/armed", hostNs: BigInt.asUintN(64, alarmNs - state.offsetNs) }];
  }
  const clears = event.offset === CLEAR_ALARM || (event.width === 8 && event.offset + 4 === CLEAR_ALARM);
  return (event.offset === ALARM_LOW || clears) && state.alarmRunning ? [{ type: "rtcAlarm/cleared" }] : NO_EFFECTS;
};

export const interruptLine = (state: GoldfishRtcState): boolean => state.interruptPending && state.interruptEnabled;

export const goldfishRtc: Device<GoldfishRtcState, GoldfishRtcInput> = {
  initialState,
  reduce,
  load,
  loadHasEffect,
  accepts,
  effects,
  interruptLine,
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
const NO_EFFECTS: readonly Effect[] = [];

const usesHostClock = ({ type, offset }: Pick<BusAccess, "type" | "offset">): boolean =>
  offset === TIME_LOW || (type === "bus/stored" && (offset === TIME_HIGH || offset === ALARM_LOW));

const timeNs = (state: GoldfishRtcState): bigint => BigInt.asUintN(64, (state.readingNs ?? 0n) + state.offsetNs);

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

const stored = (state: GoldfishRtcState, event: Stored): GoldfishRtcState => {
  const low = storeRegister(state, event.offset, event.value & LOW_HALF);
  const both = event.width === 8 ? storeRegister(low, event.offset + 4, event.value >> 32n) : low;
  if (!usesHostClock(event)) return both;
  return produce(both, (draft) => {
    draft.readingNs = undefined;
  });
};

const storeRegister = (state: GoldfishRtcState, offset: number, value: bigint): GoldfishRtcState =>
  produce(state, (draft) => {
    switch (offset) {
      case TIME_LOW:
      case TIME_HIGH: {
        const before = timeNs(state);
        draft.offsetNs = BigInt.asUintN(64, state.offsetNs + merge(before, offset, value) - before);
        break;
      }
      case ALARM_LOW:
        draft.alarmNs = merge(state.alarmNs, 0, value);
        draft.alarmRunning = draft.alarmNs > timeNs(state);
        if (!draft.alarmRunning) draft.interruptPending = true;
        break;
      case ALARM_HIGH:
        draft.alarmNs = merge(state.alarmNs, 4, value);
        break;
      case IRQ_ENABLED:
        draft.interruptEnabled = (value & 1n) === 1n;
        break;
      case CLEAR_ALARM:
        draft.alarmRunning = false;
        break;
      case CLEAR_INTERRUPT:
        draft.interruptPending = false;
        break;
      default:
        break;
    }
  });

const merge = (register64: bigint, offset: number, value: bigint): bigint =>
  offset === 0 ? (register64 & ~LOW_HALF) | value : (value << 32n) | (register64 & LOW_HALF);
