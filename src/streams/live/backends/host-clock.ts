/** Answers the RTC: readings of the wall clock, and its alarm. */
import { check } from "../../../options/check.js";
import { exactly } from "../../../options/codecs.js";
import { aHostTime } from "../../../options/parts.js";
import { EMPTY, filter, map, merge, switchMap, timer } from "rxjs";

import type { MachineEvent } from "../../../reducers/events.js";
import { answering } from "../answers.js";
import type { Backend } from "../backend.js";
import { hostTime, type HostTime } from "../../time/host-time.js";
import { hostScheduler } from "../../time/schedulers.js";

const NS_A_MS = 1e6;

const TIME = exactly<{ readonly time: HostTime }>({ time: aHostTime });

export const hostClock = (time: HostTime = hostTime): Backend => {
  check("hostClock", TIME, { time });
  return answering(["hostClock/requested", "rtcAlarm/armed"], (effects$) => {
    // Its timers are due when the wall clock shows their time: in a month, or after it was set.
    const wallClock = hostScheduler(time);
    return merge(
      effects$.pipe(
        filter(({ type }) => type === "hostClock/requested"),
        map((): MachineEvent => ({ type: "goldfishRtc/hostClockRead", hostNs: time.wallNs() })),
      ),
      effects$.pipe(
        filter((effect) => effect.type === "rtcAlarm/armed" || effect.type === "rtcAlarm/cleared"),
        // The last word counts: a new alarm, or none, ends the wait for the one before.
        switchMap((effect) =>
          effect.type === "rtcAlarm/armed"
            ? timer(Math.max(0, Number(effect.hostNs - time.wallNs()) / NS_A_MS), wallClock)
            : EMPTY,
        ),
        map((): MachineEvent => ({ type: "goldfishRtc/alarmFired" })),
      ),
    );
  });
};
