/** The host's time in the hands of a test: nothing passes, and nobody has a turn, unless it says so. */
import { Observable } from "rxjs";

import type { HostTime } from "../../src/streams/time/host-time.js";

const WALL_START_NS = 1_000_000_000_000_000_000n;

interface Timer {
  readonly atMs: number;
  readonly delayMs: number;
  readonly fire: () => void;
}

export class FakeHostTime implements HostTime {
  private nowMs = 0;
  private workedMs = 0;
  private readonly timers = new Set<Timer>();
  private readonly turns = new Set<() => void>();

  /** `workMs`: what seems to have passed with each look at the clock, so that bursts stay as short as they begin. */
  constructor(private readonly workMs = 0) {}

  readonly nextTurn = new Observable<void>((subscriber) => {
    const turn = (): void => {
      subscriber.next();
      subscriber.complete();
    };
    this.turns.add(turn);
    return () => {
      this.turns.delete(turn);
    };
  });

  wallNs(): bigint {
    return WALL_START_NS + BigInt(Math.round(this.nowMs * 1e6));
  }

  monotonicMs(): number {
    this.workedMs += this.workMs;
    return this.nowMs + this.workedMs;
  }

  after(delayMs: number): Observable<void> {
    return new Observable((subscriber) => {
      const timer: Timer = {
        atMs: this.nowMs + delayMs,
        delayMs,
        fire: () => {
          subscriber.next();
          subscriber.complete();
        },
      };
      this.timers.add(timer);
      return () => {
        this.timers.delete(timer);
      };
    });
  }

  /** The delays that are waited for now, in ms. */
  get delaysMs(): number[] {
    return [...this.timers].map(({ delayMs }) => delayMs);
  }

  /**
   * Lets the time pass; what is due fires at the end, as after a host that was busy; what will be soon as well, where
   * timers come early.
   */
  pass(ms: number, { earlyMs = 0 } = {}): void {
    this.nowMs += ms;
    for (const timer of [...this.timers].sort((a, b) => a.atMs - b.atMs)) {
      if (timer.atMs > this.nowMs + earlyMs || !this.timers.delete(timer)) continue;
      timer.fire();
    }
  }

  /** Lets the time pass while the host is too busy to fire anything. */
  passUnnoticed(ms: number): void {
    this.nowMs += ms;
  }

  /** Gives everyone who waits for it one turn. */
  turn(): void {
    for (const turn of [...this.turns]) {
      if (this.turns.delete(turn)) turn();
    }
  }
}
