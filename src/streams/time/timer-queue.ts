/** Timers in their order: by deadline, and of one deadline the first that was armed first. */
import type { Unsubscribable } from "rxjs";

/** Timers that the sequencer runs between two stretches of the guest, and while it sleeps. */
export interface VirtualTimers {
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

/** What a callback arms anew is at least so far away, or time would stand still for it. */
const SHORTEST_STEP_NS = 1000n;
/**
 * Callbacks of one advance that run at their own deadlines. Time may go on by years at once, as an idle guest's does.
 * What runs after so many sees the time that was reached: an `interval` leaves out the ticks until then.
 */
export const MAX_CAUGHT_UP = 100_000;

const AWAKE: Sleeper = { sleptNs: 0n, timerArmed: () => undefined };

interface Timer {
  readonly dueNs: bigint;
  readonly wake: () => void;
}

/** By deadline; of equal ones, the first that was armed is the first to run. */
export class TimerQueue implements VirtualTimers {
  private timers: readonly Timer[] = [];
  /** The deadline of the timer whose callback runs now. */
  private runningNs: bigint | undefined;
  /** How far this clock is ahead of the machine's: what it slept without showing it. */
  private leadNs = 0n;
  private sleeper: Sleeper = AWAKE;

  constructor(
    private readonly clock: () => bigint,
    /** What time it is for a callback: its own deadline, or what the clock shows. */
    private readonly nowInCallback: "deadline" | "clock" = "clock",
  ) {}

  get nowNs(): bigint {
    return (
      (this.nowInCallback === "deadline" ? this.runningNs : undefined) ??
      this.clock() + this.sleeper.sleptNs + this.leadNs
    );
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
    let caughtUp = 0;
    try {
      for (let [next] = this.timers; next !== undefined && next.dueNs <= nowNs; [next] = this.timers) {
        this.timers = this.timers.slice(1);
        this.runningNs = caughtUp < MAX_CAUGHT_UP ? next.dueNs : nowNs;
        caughtUp += 1;
        next.wake();
      }
    } finally {
      this.runningNs = undefined;
    }
  }
}
