/** Work a stretch at a time: between two of them the page is heard, and what somebody waits for goes first. */
import { atNextTurn } from "../../src/streams/time/next-turn.js";
import { hostTime } from "../../src/streams/time/host-time.js";
import { Cancelled } from "./cancelled.js";

/** Who asks waits for the end of one. */
const TURN_MS = 10;

export interface Turn<Step> {
  /** Somebody looks at the place where the answer is to be. All else stands still meanwhile. */
  readonly isUrgent?: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly step?: ((step: Step) => void) | undefined;
}

export class Turns {
  private urgent = 0;
  private waiting: (() => void)[] = [];

  /** What the steps come to. Throws Cancelled, and what they throw. */
  async run<Step, T>(steps: Generator<Step, T>, { isUrgent = false, signal, step }: Turn<Step> = {}): Promise<T> {
    if (isUrgent) this.urgent += 1;
    try {
      for (;;) {
        if (!isUrgent) await this.quiet();
        const untilMs = hostTime.monotonicMs() + TURN_MS;
        do {
          if (signal?.aborted === true) throw new Cancelled();
          const { done, value } = steps.next();
          if (done === true) return value;
          step?.(value);
        } while (hostTime.monotonicMs() <= untilMs);
        await hostsTurn();
      }
    } finally {
      // Where nobody wants the rest, it gives back what it works on.
      steps.return(undefined as never);
      if (isUrgent) this.settle();
    }
  }

  /** All else stands still while this goes on by itself. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    this.urgent += 1;
    try {
      return await work();
    } finally {
      this.settle();
    }
  }

  /** When nobody waits for anything. What was waited for is on its way to the page then: that takes a turn, too. */
  async quiet(): Promise<void> {
    while (this.urgent > 0) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
      await hostsTurn();
    }
  }

  private settle(): void {
    this.urgent -= 1;
    if (this.urgent > 0) return;
    const { waiting } = this;
    this.waiting = [];
    for (const goOn of waiting) goOn();
  }
}

const hostsTurn = (): Promise<void> => new Promise((resolve) => void atNextTurn(resolve));
