import { test } from "uvu";
import * as assert from "uvu/assert";

import { HostWait } from "../../src/machine/host-wait.js";
import { devices, type Unit } from "../../src/reducers/devices.js";
import { goldfishRtc } from "../../src/reducers/goldfish-rtc.js";
import { stepped } from "../reducers/stepped.js";

const CONFIG = { harts: 1, virtio: [] } as const;
const unitOf = (name: string): Unit => {
  const unit = devices(CONFIG).find(({ device }) => device.name === name);
  assert.ok(unit);
  return unit;
};
const RTC = unitOf("goldfishRtc");
const TIME_LOW = { type: "bus/loaded", offset: 0, width: 4 } as const;
const ANSWER = { type: "goldfishRtc/hostClockRead", hostNs: 7n } as const;
const { initialState, reduce } = stepped(goldfishRtc);
const waiting = initialState();
const answered = reduce(waiting, ANSWER);

test("given an access that needs an answer, when there is none, then it asks and says what it awaits", () => {
  const wait = new HostWait();
  assert.equal(wait.admit(RTC, waiting, TIME_LOW, 5), { asks: { type: "hostClock/requested" } });
  assert.is(wait.awaited, "goldfishRtc/hostClockRead");
  assert.ok(wait.takes(ANSWER));
  wait.answered(ANSWER);
  assert.is(wait.awaited, undefined);
  assert.not(wait.takes(ANSWER), "nobody waits for another");
  assert.is(wait.admit(RTC, answered, TIME_LOW, 5), "goesOn");
});

test("given an instruction that has used its answer, when it needs one again, then it is the same; another instruction asks anew", () => {
  const wait = new HostWait();
  assert.is(wait.admit(RTC, answered, TIME_LOW, 5), "goesOn");
  assert.equal(wait.admit(RTC, waiting, TIME_LOW, 5), { again: ANSWER });
  assert.equal(wait.admit({ ...RTC }, waiting, TIME_LOW, 5), { asks: { type: "hostClock/requested" } });
  assert.equal(wait.admit(RTC, waiting, TIME_LOW, 6), { asks: { type: "hostClock/requested" } });
  wait.forget();
  assert.is(wait.awaited, undefined);
  assert.equal(wait.admit(RTC, waiting, TIME_LOW, 5), { asks: { type: "hostClock/requested" } }, "another state");
});

test("given a device that never waits, then every access goes on", () => {
  assert.is(new HostWait().admit(unitOf("uart16550"), {}, TIME_LOW, 5), "goesOn");
});

test.run();
