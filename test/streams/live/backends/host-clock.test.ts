// The wall clock as the RTC meets it: readings when it asks, its alarm when the clock shows that time.
import { NEVER, Subject } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { Effect } from "../../../../src/reducers/effect.js";
import { hostClock } from "../../../../src/streams/live/backends/host-clock.js";
import { FakeHostTime } from "../../../support/fake-host-time.js";

const NS_A_MS = 1_000_000n;
const DAY_MS = 86_400_000;

class SettableTime extends FakeHostTime {
  aheadMs = 0;

  override wallNs(): bigint {
    return super.wallNs() + BigInt(this.aheadMs) * NS_A_MS;
  }
}

const listening = () => {
  const time = new SettableTime();
  const effects$ = new Subject<Effect>();
  const types: string[] = [];
  hostClock(time)(effects$, NEVER).subscribe(({ type }) => types.push(type));
  const arm = (afterMs: number): void => {
    effects$.next({ type: "rtcAlarm/armed", hostNs: time.wallNs() + BigInt(afterMs) * NS_A_MS });
  };
  return { time, effects$, types, arm };
};

// Negative control, tried once: red on `realtimeScheduler`, whose timers run for so many milliseconds whatever the
// clock shows.
test("given an alarm in a month, when the clock is set there, then it fires within a second; set back, it waits", () => {
  const { time, types, arm } = listening();
  arm(30 * DAY_MS);
  time.pass(60_000);
  assert.equal(types, []);
  time.aheadMs = 30 * DAY_MS;
  time.pass(1000);
  assert.equal(types, ["goldfishRtc/alarmFired"]);
  arm(5000);
  time.aheadMs -= 60_000;
  for (let second = 0; second < 64; second += 1) time.pass(1000);
  assert.is(types.length, 1);
  time.pass(1000);
  assert.is(types.length, 2);
});

test("given an alarm, when another is armed or it is cleared, then it does not fire; one that is past fires at once", () => {
  const { time, effects$, types, arm } = listening();
  arm(100);
  arm(300);
  time.pass(200);
  assert.equal(types, []);
  effects$.next({ type: "rtcAlarm/cleared" });
  time.pass(1000);
  assert.equal(types, []);
  arm(-5);
  time.pass(0);
  assert.equal(types, ["goldfishRtc/alarmFired"]);
});

test.run();
