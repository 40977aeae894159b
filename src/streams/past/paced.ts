/** Runs steps to their end, and lets the host have its turns in between. */
import { hostTime } from "../time/host-time.js";

const TURN_MS = 20;

export async function paced<End>(steps: Generator<unknown, End>): Promise<End> {
  let untilMs = hostTime.monotonicMs() + TURN_MS;
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    if (hostTime.monotonicMs() < untilMs) continue;
    await new Promise<void>((resolve) => {
      hostTime.nextTurn.subscribe({
        next: () => {
          resolve();
        },
      });
    });
    untilMs = hostTime.monotonicMs() + TURN_MS;
  }
}
