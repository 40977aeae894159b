/** Makes a clock for the router from an rxjs scheduler. */
import type { SchedulerLike } from "rxjs";

import type { Clock } from "../../net/clock.js";

export const schedulerClock = (scheduler: SchedulerLike): Clock => ({
  now: () => scheduler.now(),
  after: (delayMs, wake) => {
    const waiting = scheduler.schedule(() => {
      wake();
    }, delayMs);
    return () => {
      waiting.unsubscribe();
    };
  },
});
