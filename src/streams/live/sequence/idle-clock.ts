/** How an idle machine's clock moves on: at once to its next timer, or by the time that the host sleeps meanwhile. */
import { Subscription, type Subscribable, type Unsubscribable } from "rxjs";

import type { Machine } from "../../../machine/machine.js";
import type { HostTime } from "../../time/host-time.js";
import type { Sleeper } from "../../time/timer-queue.js";
import type { SequenceOptions } from "./sequence-options.js";

/** Shorter sleeps are put together: no host timer is as fine as the guest's. */
const SHORTEST_SLEEP_MS = 2;
/** Above this a host timer overflows; a sleep until then is made of several. */
const LONGEST_SLEEP_MS = 1 << 30;
const NS_A_MS = 1e6;

/** Whom a sleep's end gives the turn. */
export interface WakeTarget {
  /** It has the turn, and plans anew what to wait for when that is over. */
  readonly isRunning: boolean;
  turn(): void;
  /** The next timer outside the guest is due while the guest sleeps. */
  externalDue(): void;
}

/** On the host's clock: since when, and when the guest's next timer ends it. */
interface Sleep {
  readonly sinceMs: number;
  readonly wakeAtMs: number;
}

export class IdleClock implements Sleeper {
  private sleep: Sleep | undefined;
  /** While the control holds a sleeping machine. */
  private held: (Sleep & { readonly heldMs: number }) | undefined;
  /** Virtual time that passed by warps without the host having waited for it. */
  private jumpedMs = 0;
  private waking: Unsubscribable = Subscription.EMPTY;

  /** Where the two clocks were when they were together: the host's, and the guest's. */
  private sinceMs = 0;
  private sinceNs = 0n;
  private heldSinceMs = 0;

  constructor(
    private readonly machine: Machine,
    private readonly options: Pick<SequenceOptions, "sleep" | "align" | "virtual" | "external">,
    private readonly time: HostTime,
    private readonly target: WakeTarget,
  ) {}

  /** From here on the host's time counts. */
  start(): void {
    this.sinceMs = this.time.monotonicMs();
    this.sinceNs = this.machine.virtualNs;
    this.options.external?.attach(this);
    this.options.virtual?.attach(this.ofVirtualTimers());
  }

  /** Their next one ends a sleep, as one of the guest's own does. */
  private ofVirtualTimers(): Sleeper {
    const sleptNs = (): bigint => (this.options.sleep === false ? 0n : this.sleptNs);
    return {
      get sleptNs() {
        return sleptNs();
      },
      timerArmed: () => {
        // Not at once: whoever arms it has yet to learn how to cancel it.
        if (this.isAsleep && !this.target.isRunning) this.turnAfter(this.time.nextTurn);
      },
    };
  }

  timerArmed(): void {
    if (this.isAsleep && !this.target.isRunning) this.wait();
  }

  get isAsleep(): boolean {
    return this.sleep !== undefined;
  }

  /** Whether the guest's own next timer should have ended the sleep by now. */
  get isOverdue(): boolean {
    return this.sleep !== undefined && this.time.monotonicMs() >= this.sleep.wakeAtMs;
  }

  /** How far the guest's clock will have moved on, as far as it has slept by now. */
  get sleptNs(): bigint {
    const { machine, sleep } = this;
    if (sleep === undefined || !machine.isIdle || machine.due() !== undefined) return 0n;
    const sleptMs = this.time.monotonicMs() - sleep.sinceMs - this.jumpedMs;
    const sleptNs = BigInt(Math.max(0, Math.round(sleptMs * NS_A_MS)));
    const { deadlineNs } = this;
    const leftNs = deadlineNs === undefined ? sleptNs : deadlineNs - machine.virtualNs;
    return sleptNs < leftNs ? sleptNs : leftNs;
  }

  /** What an idle machine's clock may not pass. */
  get deadlineNs(): bigint | undefined {
    const [guest, outside] = [this.machine.deadlineNs, this.options.virtual?.deadlineNs];
    return guest === undefined || (outside !== undefined && outside < guest) ? outside : guest;
  }

  /** By how much the clock jumps, to its deadline; undefined: the machine sleeps first. */
  jumpNs(): bigint | undefined {
    const { machine, deadlineNs, options } = this;
    if (options.align === true) this.jumpedMs = this.aheadMs();
    if (deadlineNs === undefined) {
      this.sleepFor(Infinity);
      return undefined;
    }
    const byNs = deadlineNs - machine.virtualNs;
    if (options.sleep !== false) {
      const neededMs = this.jumpedMs + Number(byNs) / NS_A_MS;
      if (neededMs >= SHORTEST_SLEEP_MS) {
        this.sleepFor(neededMs);
        return undefined;
      }
      this.jumpedMs = neededMs;
    }
    // A disk answers soon: the guest's clock stands still until then, or a jump a turn would make it the slowest of
    // disks.
    else if (machine.awaitsDisk) {
      this.sleepFor(Infinity);
      return undefined;
    }
    return byNs;
  }

  /**
   * By how much the guest's clock is ahead of the host's since the start; below 0: it fell behind, as when the guest
   * computed more than the host could. What it lacks is not made up for while a disk works, which would seem to take
   * that long.
   */
  private aheadMs(): number {
    const { machine, time, sinceMs, sinceNs } = this;
    const aheadMs = Number(machine.virtualNs - sinceNs) / NS_A_MS - (time.monotonicMs() - sinceMs);
    return machine.awaitsDisk ? Math.max(aheadMs, 0) : aheadMs;
  }

  /** Until the guest's next timer, or forever: input wakes it anyway. */
  sleepFor(delayMs: number): void {
    const sinceMs = this.time.monotonicMs();
    this.sleep = { sinceMs, wakeAtMs: sinceMs + delayMs };
    this.wait();
  }

  /**
   * Ends a sleep, if there was one. The guest's clock is to show that it slept: up to its deadline, however long the
   * host took. `inputs` that wait are for before the deadline. Without one, what is left until then and too short to
   * sleep is jumped over with the rest: host timers often come a little early, and two warps would take more of the log
   * than one.
   */
  wake(inputs: number): bigint {
    const { sleptNs, deadlineNs } = this;
    const wasIdle = this.isAsleep && this.machine.isIdle && this.machine.due() === undefined;
    this.sleep = undefined;
    if (!wasIdle) return 0n;
    this.jumpedMs = 0;
    if (this.options.sleep !== false) {
      const leftNs = deadlineNs === undefined ? 0n : deadlineNs - this.machine.virtualNs - sleptNs;
      const leftMs = Number(leftNs) / NS_A_MS;
      if (inputs > 0 || leftMs >= SHORTEST_SLEEP_MS) return sleptNs;
      this.jumpedMs = leftMs;
      return sleptNs + leftNs;
    }
    // A clock that only jumps from timer to timer does not show it.
    this.options.external?.outlast(sleptNs);
    return 0n;
  }

  /** A machine that sleeps stands still too. */
  hold(): void {
    this.heldSinceMs = this.time.monotonicMs();
    this.held = this.sleep && { ...this.sleep, heldMs: this.time.monotonicMs() };
    this.sleep = undefined;
    this.stopWaiting();
  }

  /** Its sleep goes on as if no time had passed; it is yet to be waited for. */
  goOn(): void {
    // While somebody looks at the machine, no time passes for it.
    this.sinceMs += this.time.monotonicMs() - this.heldSinceMs;
    if (this.held === undefined) return;
    const { sinceMs, wakeAtMs, heldMs } = this.held;
    const byMs = this.time.monotonicMs() - heldMs;
    this.held = undefined;
    this.sleep = { sinceMs: sinceMs + byMs, wakeAtMs: wakeAtMs + byMs };
  }

  /** The guest's next timer ends the sleep; one outside the guest runs while it goes on. */
  wait(): void {
    this.stopWaiting();
    const { wakeAtMs = Infinity } = this.sleep ?? {};
    const nowMs = this.time.monotonicMs();
    const externalMs = this.externalAtMs();
    const atMs = Math.min(wakeAtMs, externalMs);
    if (atMs === Infinity) return;
    const delay = this.time.after(Math.min(Math.max(atMs - nowMs, 0), LONGEST_SLEEP_MS));
    if (wakeAtMs <= externalMs) {
      this.turnAfter(delay);
      return;
    }
    this.waking = delay.subscribe({
      next: () => {
        this.target.externalDue();
      },
    });
  }

  stopWaiting(): void {
    this.waking.unsubscribe();
  }

  /** When the next timer outside the guest is due, on the host's clock. */
  private externalAtMs(): number {
    const { machine, options, sleep } = this;
    const deadlineNs = options.external?.deadlineNs;
    // A guest that waits for the host's clock does not sleep: its time stands still.
    if (deadlineNs === undefined || sleep === undefined || !machine.isIdle) return Infinity;
    // Rounded up: what is too early would find nothing due, again and again.
    return sleep.sinceMs + this.jumpedMs + Math.ceil(Number(deadlineNs - machine.virtualNs) / 1000) / 1000;
  }

  private turnAfter(wait: Subscribable<unknown>): void {
    this.stopWaiting();
    this.waking = wait.subscribe({
      next: () => {
        this.target.turn();
      },
    });
  }
}
