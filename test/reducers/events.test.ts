import { test } from "uvu";
import * as assert from "uvu/assert";

import { DEVICES } from "../../src/reducers/devices.js";
import { EVENTS } from "../../src/reducers/events.js";

/** What recordings hold. A tag here stays for ever; a new event has a new one. */
const RELEASED = {
  "uart16550/byteReceived": 1,
  "clint/timerFired": 2,
  "clock/warped": 3,
  "bottomHalf/ran": 4,
  "goldfishRtc/hostClockRead": 5,
  "goldfishRtc/alarmFired": 6,
  "virtioRng/entropyProvided": 7,
  "virtioConsole/bytesReceived": 8,
  "machine/reset": 9,
  "machine/shutdown": 10,
  "checkpoint/hashed": 11,
  "virtioBlk/requestCompleted": 12,
  "virtioNet/frameReceived": 20,
  "virtioNet/linkChanged": 21,
  "machine/resetRequested": 30,
};

test("given the devices' tables and the machine's, when they are put together, then each event has the tag that it was released with", () => {
  const tags = Object.fromEntries(Object.entries(EVENTS).map(([type, { wireId }]) => [type, wireId]));
  for (const [type, wireId] of Object.entries(RELEASED)) assert.is(tags[type], wireId, type);
  assert.is(new Set(Object.values(tags)).size, Object.keys(tags).length, "no tag is used twice");
});

test("given the devices, then each has a name of its own, and all of their events are in the union", () => {
  assert.is(new Set(DEVICES.map(({ name }) => name)).size, DEVICES.length);
  for (const { events } of DEVICES)
    for (const type of Object.keys(events)) assert.ok(Object.hasOwn(EVENTS, type), type);
});

test.run();
