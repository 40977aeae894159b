/**
 * The host's own clocks, on a host that looks away: it works for random times within a burst, and gives the next turn
 * late.
 */
import { timer } from "rxjs";

import { hostTime, type HostTime } from "../../src/streams/time/host-time.js";
import type { Random } from "./seeded-random.js";

/** Seldom as long: bursts are then shorter, since each is sized by the time that the one before took. */
const LONGEST_WORK_US = 800;
const LATEST_TURN_MS = 3;

const workFor = (us: number): void => {
  const endMs = performance.now() + us / 1000;
  while (performance.now() < endMs);
};

export const restlessHostTime = (random: Random): HostTime => ({
  ...hostTime,
  monotonicMs() {
    // Squared: mostly short.
    workFor((random(64) * random(64) * LONGEST_WORK_US) / 64 ** 2);
    return performance.now();
  },
  nextTurn: {
    subscribe: (observer) =>
      (random(2) === 0 ? hostTime.nextTurn : timer(random(LATEST_TURN_MS + 1))).subscribe(observer),
  },
});
