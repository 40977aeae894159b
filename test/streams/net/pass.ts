// Virtual time that goes on to the very ms, also where nothing is due there: VirtualTimeScheduler stays at its last
// action.
import type { VirtualTimeScheduler } from "rxjs";

export const pass = (scheduler: VirtualTimeScheduler, ms: number): void => {
  scheduler.schedule(() => undefined, ms);
  scheduler.maxFrames = scheduler.frame + ms;
  scheduler.flush();
};
