/**
 * The machine's clocks as rxjs schedulers, for what lies outside the guest: `timer`, `delay` and `interval` run on
 * them.
 *
 * None of them is part of a recording, and none runs on replay: what a callback wants of the guest must become an
 * input. On each, timers run by deadline, and those of one deadline as they were armed. What throws is cancelled, the
 * others go on; on the virtual clock the run fails with it.
 */
import { check } from "../../options/check.js";
import { exactly } from "../../options/codecs.js";
import { aHostTime, aMachine } from "../../options/parts.js";
import { Subscription, type SchedulerAction, type SchedulerLike, type Unsubscribable } from "rxjs";

import type { Machine } from "../../machine/machine.js";
import { hostTime, type HostTime } from "./host-time.js";
import { TimerQueue, type VirtualTimers } from "./timer-queue.js";

/**
 * The guest's virtual clock. As `options.virtual` of `run`, an idle machine goes to its next timer and no farther, as
 * to one of the guest's own: a callback runs at the very instruction and virtual time, and so does what it gives the
 * guest. As `options.external` it has QEMU's `external` attribute, for what lies outside the guest, such as a router:
 * it may shorten a run's bursts, holds up no warp and makes none, and goes at the host's pace while the guest sleeps.
 */
export const virtualScheduler = (machine: Machine): SchedulerLike & VirtualTimers => {
  check("virtualScheduler", MACHINE, { machine });
  const queue = new TimerQueue(() => machine.presentNs, "deadline");
  return {
    ...schedulerOn(queue),
    get deadlineNs() {
      return queue.deadlineNs;
    },
    advanceTo: (virtualNs) => {
      queue.advanceTo(virtualNs);
    },
    attach: (sleeper) => {
      queue.attach(sleeper);
    },
    outlast: (ns) => {
      queue.outlast(ns);
    },
  };
};

/** For what never changes guest state, such as a progress bar; goes on while the guest stands still. */
export const realtimeScheduler = (time: HostTime = hostTime): SchedulerLike => {
  check("realtimeScheduler", TIME, { time });
  return hostDriven(() => BigInt(Math.round(time.monotonicMs() * NS_A_MS)), time, LONGEST_SLEEP_MS);
};

/** The wall clock: a timer is due when it shows that time, also where it was set in between. */
export const hostScheduler = (time: HostTime = hostTime): SchedulerLike => {
  check("hostScheduler", TIME, { time });
  return hostDriven(() => time.wallNs(), time, LONGEST_LOOK_AWAY_MS);
};

const MACHINE = exactly<{ readonly machine: Machine }>({ machine: aMachine });
const TIME = exactly<{ readonly time: HostTime }>({ time: aHostTime });

/** One timer of the host's for the first in the queue, so that the order is the queue's on every host. */
const hostDriven = (clock: () => bigint, time: HostTime, longestSleepMs: number): SchedulerLike => {
  const queue = new TimerQueue(clock);
  let sleep: Unsubscribable = Subscription.EMPTY;
  let isRunning = false;
  const plan = (): void => {
    sleep.unsubscribe();
    const { deadlineNs } = queue;
    if (isRunning || deadlineNs === undefined) return;
    // Rounded up: what is too early would find nothing due.
    const leftMs = Math.ceil(Number(deadlineNs - clock()) / 1000) / 1000;
    sleep = time.after(Math.min(Math.max(leftMs, 0), longestSleepMs)).subscribe({ next: run });
  };
  const run = (): void => {
    isRunning = true;
    try {
      queue.advanceTo(clock());
    } finally {
      isRunning = false;
      plan();
    }
  };
  queue.attach({ sleptNs: 0n, timerArmed: plan });
  return schedulerOn(queue);
};

const NS_A_MS = 1e6;
/** How late a step of the wall clock is noticed. */
const LONGEST_LOOK_AWAY_MS = 1000;
/** Above this a host timer overflows. */
const LONGEST_SLEEP_MS = 1 << 30;

type Wait = (delayMs: number, wake: () => void) => Unsubscribable;
type Work<T> = (this: SchedulerAction<T>, state?: T) => void;

const schedulerOn = (queue: TimerQueue): Pick<SchedulerLike, "now" | "schedule"> => {
  const wait: Wait = (delayMs, wake) => queue.add(BigInt(Math.round(delayMs * NS_A_MS)), wake);
  return {
    now: () => Number(queue.nowNs) / NS_A_MS,
    schedule: <T>(work: Work<T>, delayMs = 0, state?: T): Subscription =>
      new Action<T>(wait, work).schedule(state, delayMs),
  };
};

class Action<T> extends Subscription implements SchedulerAction<T> {
  private waiting: Unsubscribable = Subscription.EMPTY;

  constructor(
    private readonly wait: Wait,
    private readonly work: Work<T>,
  ) {
    super(() => {
      this.waiting.unsubscribe();
    });
  }

  /** Again, as `interval` does from within its work; what waited before is forgotten. */
  schedule(state?: T, delayMs = 0): this {
    if (this.closed || !Number.isFinite(delayMs)) return this;
    this.waiting.unsubscribe();
    this.waiting = this.wait(Math.max(delayMs, 0), () => {
      try {
        this.work(state);
      } catch (fault) {
        this.unsubscribe();
        throw fault;
      }
    });
    return this;
  }
}
