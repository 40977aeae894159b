import { test } from "uvu";
import * as assert from "uvu/assert";

import type { BusAccess } from "../../src/reducers/device.js";
import { goldfishRtc, type GoldfishRtcState } from "../../src/reducers/goldfish-rtc.js";
import { stepped } from "./stepped.js";

const { effects, load, reduce, ...rest } = stepped(goldfishRtc);
const initialState = rest.initialState();
const interruptLine = (state: GoldfishRtcState): boolean => goldfishRtc.interruptLine?.(state) === true;
const needsHostClock = (state: GoldfishRtcState, access: BusAccess): boolean =>
  goldfishRtc.hostWait?.asks(state, access)?.type === "hostClock/requested";

const HOST_NS = 0x1234_5678_9abc_def0n;
const readHost = (state: GoldfishRtcState, hostNs = HOST_NS): GoldfishRtcState =>
  reduce(state, { type: "goldfishRtc/hostClockRead", hostNs });
const stored = (offset: number, value: bigint) => ({ type: "bus/stored", offset, width: 4, value }) as const;
const timeLow = { type: "bus/loaded", offset: 0, width: 4 } as const;

test("given a reading of the host's clock, when both halves are loaded, then they belong together and the reading is used up", () => {
  const state = readHost(initialState);
  assert.ok(needsHostClock(initialState, timeLow));
  assert.not(needsHostClock(state, timeLow));
  const after = reduce(state, timeLow);
  assert.is(load(state, timeLow), HOST_NS & 0xffff_ffffn);
  assert.is(load(readHost(after, 0n), { offset: 4, width: 4 }), HOST_NS >> 32n);
  assert.ok(needsHostClock(after, timeLow));
});

test("given the guest set the time, when it is read later, then the host's clock goes on from there", () => {
  const high = reduce(readHost(initialState), stored(4, 0n));
  const low = reduce(readHost(high), stored(0, 1000n));
  assert.is(load(readHost(low, HOST_NS + 5n), { offset: 0, width: 8 }), 1005n);
});

test("given an alarm ahead, when it is set, cleared or fires, then the host is told in its own time and the line follows", () => {
  const offset = reduce(readHost(initialState, 100n), stored(0, 1100n));
  const ready = readHost(reduce(offset, stored(0x10, 1n)), 100n);
  assert.equal(effects(ready, stored(8, 2000n)), [{ type: "rtcAlarm/armed", hostNs: 1000n }]);
  const armed = reduce(ready, stored(8, 2000n));
  assert.is(load(armed, { offset: 0x18, width: 4 }), 1n);
  assert.equal(effects(armed, stored(0x14, 1n)), [{ type: "rtcAlarm/cleared" }]);
  const fired = reduce(armed, { type: "goldfishRtc/alarmFired" });
  assert.ok(interruptLine(fired));
  assert.not(interruptLine(reduce(fired, stored(0x1c, 1n))));
});

test("given a cleared alarm, when its firing arrives late, then nothing changes", () => {
  assert.is(reduce(initialState, { type: "goldfishRtc/alarmFired" }), initialState);
});

test("given an alarm in the past, when it is set, then it interrupts at once and arms nothing", () => {
  const ready = readHost(reduce(initialState, stored(0x10, 1n)));
  assert.equal(effects(ready, stored(8, 5n)), []);
  assert.ok(interruptLine(reduce(ready, stored(8, 5n))));
});

test.run();
