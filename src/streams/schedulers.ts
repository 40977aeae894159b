/**
 * The machine's clocks as rxjs schedulers, for what lies outside the guest: `timer`, `delay` and `interval` run on them.
 *
 * None of them is part of a recording, and none runs on replay: what a callback wants of the guest must become an input.
 */
import { Subscription, type SchedulerAction, type SchedulerLike, type Unsubscribable } from "rxjs";

import type { Machine } from "../machine/machine.js";
import { hostTime, type HostTime } from "./host-time.js";

/** Timers that the sequencer runs between two stretches of the guest, and while it sleeps. */
export interface ExternalTimers {
  /** The virtual time of the next one; undefined: none waits. */
  readonly deadlineNs: bigint | undefined;
  /** Runs, in order, all that are due by then. */
  advanceTo(virtualNs: bigint): void;
  /** Whom to ask how long the machine has been asleep, and to tell of a new timer. */
  attach(sleeper: Sleeper): void;
  /** The machine slept without its own clock moving; this one goes on by so much. */
  outlast(ns: bigint): void;
}

/** A machine whose virtual clock stands still while it sleeps, and shows only afterwards that it did. */
export interface Sleeper {
  readonly sleptNs: bigint;
  timerArmed(): void;
}

/**
 * The guest's virtual clock with QEMU's `external` attribute: its speed is the guest's, or the host's while the guest
 * sleeps. Give it to `run` as `options.external` too. It may shorten a run's slices; it holds up no warp and makes none.
 */
export const virtualScheduler = (machine: Machine): SchedulerLike & ExternalTimers => {
  const queue = new TimerQueue(() => machine.presentNs);
  const scheduler = schedulerOn(
    () => Number(queue.nowNs) / NS_A_MS,
    (delayMs, wake) => queue.add(BigInt(Math.round(delayMs * NS_A_MS)), wake),
  );
  return {
    ...scheduler,
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
export const realtimeScheduler = (time: HostTime = hostTime): SchedulerLike =>
  schedulerOn(
    () => time.monotonicMs(),
    (delayMs, wake) => time.after(delayMs).subscribe({ next: wake }),
  );

/** The wall clock: a timer is due when it shows that time, also where it was set in between. */
export const hostScheduler = (time: HostTime = hostTime): SchedulerLike => {
  const nowMs = (): number => Number(time.wallNs()) / NS_A_MS;
  return schedulerOn(nowMs, (delayMs, wake) => {
    const dueMs = nowMs() + delayMs;
    let sleep: Unsubscribable = Subscription.EMPTY;
    const wait = (): void => {
      const leftMs = dueMs - nowMs();
      sleep = time.after(Math.min(Math.max(leftMs, 0), LONGEST_LOOK_AWAY_MS)).subscribe({
        next: () => {
          if (nowMs() >= dueMs) wake();
          else wait();
        },
      });
    };
    wait();
    return {
      unsubscribe: () => {
        sleep.unsubscribe();
      },
    };
  });
};

const NS_A_MS = 1e6;
/** How late a step of the wall clock is noticed. */
const LONGEST_LOOK_AWAY_MS = 1000;
/** What a callback arms anew is at least so far away, or time would stand still for it. */
const SHORTEST_STEP_NS = 1000n;

const AWAKE: Sleeper = { sleptNs: 0n, timerArmed: () => undefined };

type Wait = (delayMs: number, wake: () => void) => Unsubscribable;
type Work<T> = (this: SchedulerAction<T>, state?: T) => void;

const schedulerOn = (now: () => number, wait: Wait): Pick<SchedulerLike, "now" | "schedule"> => ({
  now,
  schedule: <T>(work: Work<T>, delayMs = 0, state?: T): Subscription =>
    new Action<T>(wait, work).schedule(state, delayMs),
});

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

interface Timer {
  readonly dueNs: bigint;
  readonly wake: () => void;
}

/** By deadline; of equal ones, the first that was armed is the first to run. */
class TimerQueue implements ExternalTimers {
  private timers: readonly Timer[] = [];
  /** The deadline of the timer whose callback runs now. */
  private runningNs: bigint | undefined;
  /** How far this clock is ahead of the machine's: what it slept without showing it. */
  private leadNs = 0n;
  private sleeper: Sleeper = AWAKE;

  constructor(private readonly clock: () => bigint) {}

  get nowNs(): bigint {
    return this.runningNs ?? this.clock() + this.sleeper.sleptNs + this.leadNs;
  }

  get deadlineNs(): bigint | undefined {
    const next = this.timers[0];
    return next === undefined ? undefined : next.dueNs - this.leadNs;
  }

  attach(sleeper: Sleeper): void {
    this.sleeper = sleeper;
  }

  outlast(ns: bigint): void {
    this.leadNs += ns;
  }

  add(delayNs: bigint, wake: () => void): Unsubscribable {
    const stepNs = this.runningNs !== undefined && delayNs < SHORTEST_STEP_NS ? SHORTEST_STEP_NS : delayNs;
    const timer = { dueNs: this.nowNs + stepNs, wake };
    const place = this.timers.findIndex(({ dueNs }) => dueNs > timer.dueNs);
    this.timers = this.timers.toSpliced(place < 0 ? this.timers.length : place, 0, timer);
    this.sleeper.timerArmed();
    return {
      unsubscribe: () => {
        this.timers = this.timers.filter((other) => other !== timer);
      },
    };
  }

  advanceTo(virtualNs: bigint): void {
    const nowNs = virtualNs + this.leadNs;
    try {
      for (let [next] = this.timers; next !== undefined && next.dueNs <= nowNs; [next] = this.timers) {
        this.timers = this.timers.slice(1);
        this.runningNs = next.dueNs;
        next.wake();
      }
    } finally {
      this.runningNs = undefined;
    }
  }
}
