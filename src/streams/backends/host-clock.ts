/** Answers the RTC: readings of the wall clock, and its alarm. */
import { EMPTY, filter, map, merge, Observable, switchMap } from "rxjs";

import type { MachineEvent } from "../../reducers/events.js";
import type { Backend } from "../backend.js";
import { hostTime, type HostTime } from "../host-time.js";

const NS_A_MS = 1_000_000n;
/** Above this a JavaScript timer overflows; a sleep until then is made of several. */
const LONGEST_SLEEP_MS = 1 << 30;

export const hostClock =
  (time: HostTime = hostTime): Backend =>
  (effects$) =>
    merge(
      effects$.pipe(
        filter(({ type }) => type === "hostClock/requested"),
        map((): MachineEvent => ({ type: "goldfishRtc/hostClockRead", hostNs: time.wallNs() })),
      ),
      effects$.pipe(
        filter((effect) => effect.type === "rtcAlarm/armed" || effect.type === "rtcAlarm/cleared"),
        // The last word counts: a new alarm, or none, ends the wait for the one before.
        switchMap((effect) => (effect.type === "rtcAlarm/armed" ? alarm(time, effect.hostNs) : EMPTY)),
      ),
    );

const alarm = (time: HostTime, hostNs: bigint): Observable<MachineEvent> =>
  new Observable((subscriber) => {
    const leftNs = hostNs - time.wallNs();
    const leftMs = leftNs <= 0n ? 0n : (leftNs + NS_A_MS - 1n) / NS_A_MS;
    if (leftMs > BigInt(LONGEST_SLEEP_MS)) return undefined;
    const sleep = time.after(Number(leftMs)).subscribe({
      next: () => {
        subscriber.next({ type: "goldfishRtc/alarmFired" });
        subscriber.complete();
      },
    });
    return () => {
      sleep.unsubscribe();
    };
  });
