/** The host's time, in one place, so that a test can fake it. */
import { Observable, timer, type Subscribable } from "rxjs";

import { atNextTurn } from "./next-turn.js";

export interface HostTime {
  /** The wall clock, in ns since the epoch. */
  wallNs(): bigint;
  /** A clock that only goes forward, in ms. */
  monotonicMs(): number;
  /** Emits once, after the delay. */
  after(delayMs: number): Subscribable<unknown>;
  /** Emits once, as soon as the host has had its turn: I/O may have come in between. */
  nextTurn: Subscribable<unknown>;
}

export const hostTime: HostTime = {
  wallNs: () => BigInt(Date.now()) * 1_000_000n,
  monotonicMs: () => performance.now(),
  after: (delayMs) => timer(delayMs),
  // Not rxjs's asapScheduler: that one runs before any I/O, and a running guest would lock it out.
  nextTurn: new Observable((subscriber) =>
    atNextTurn(() => {
      subscriber.next(undefined);
      subscriber.complete();
    }),
  ),
};
