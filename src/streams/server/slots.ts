/** Places for replays: each is a machine with its memory, and all share this thread. */
import { Refusal } from "./refusal.js";

/** At the same time. */
export const MAX_REPLAYS = 4;
/** That wait for their turn. */
export const MAX_WAITING = 256;

export class Slots {
  private taken = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly most = MAX_REPLAYS,
    private readonly mostWaiting = MAX_WAITING,
  ) {}

  /** Answers what lets go of it. @throws {Refusal} where too many wait, or who asked has gone. */
  async take(signal: AbortSignal): Promise<() => void> {
    if (this.taken >= this.most) await this.turn(signal);
    else this.taken += 1;
    let isHeld = true;
    return () => {
      if (isHeld) this.release();
      isHeld = false;
    };
  }

  private turn(signal: AbortSignal): Promise<void> {
    if (this.waiting.length >= this.mostWaiting)
      throw new Refusal(503, "BUSY", `${String(this.mostWaiting)} questions wait already: ask again later`, {
        "Retry-After": "1",
      });
    return new Promise((resolve, reject) => {
      const wake = (): void => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = (): void => {
        const at = this.waiting.indexOf(wake);
        if (at >= 0) this.waiting.splice(at, 1);
        reject(new Refusal(499, "GONE", "who asked has gone"));
      };
      this.waiting.push(wake);
      signal.addEventListener("abort", leave, { once: true });
    });
  }

  /** It goes to the one that has waited longest. */
  private release(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.taken -= 1;
    else next();
  }
}
