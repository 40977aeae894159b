/** Runs steps to their end, and lets the host have its turns in between. */
import { hostTime } from "../time/host-time.js";

const TURN_MS = 20;

export async function paced<End>(steps: Generator<unknown, End>): Promise<End> {
  const turns = new Turns();
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    if (turns.isDue) await turns.take();
  }
}

/** The host's: one is due so long after the last. */
export class Turns {
  private untilMs = hostTime.monotonicMs() + TURN_MS;

  get isDue(): boolean {
    return hostTime.monotonicMs() >= this.untilMs;
  }

  async take(): Promise<void> {
    await new Promise<void>((resolve) => {
      hostTime.nextTurn.subscribe({
        next: () => {
          resolve();
        },
      });
    });
    this.untilMs = hostTime.monotonicMs() + TURN_MS;
  }
}
