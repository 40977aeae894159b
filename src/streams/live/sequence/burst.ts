/**
 * How much of the guest runs between two turns of the host. Where a burst ends decides nothing but where inputs are let
 * in.
 */
import type { HostTime } from "../../time/host-time.js";

/** How long the host's other work may have to wait. */
const BURST_MS = 8;
const FIRST_BURST_INSNS = 200_000;
const MIN_BURST_INSNS = FIRST_BURST_INSNS / 8;
const MAX_BURST_INSNS = 16_000_000;
/** A look at the clock costs a tenth of what an interrupt does. */
const TIMERS_A_LOOK = 8;

export class Burst {
  private insns = FIRST_BURST_INSNS;
  private timers = 0;
  private startMs = 0;
  private startIcount = 0;
  private end = 0;

  constructor(private readonly time: HostTime) {}

  begin(icount: number): void {
    this.startMs = this.time.monotonicMs();
    this.startIcount = icount;
    this.end = icount + this.insns;
  }

  get endIcount(): number {
    return this.end;
  }

  /** Whether its time is over, however many instructions are left. */
  get isLate(): boolean {
    return this.elapsedMs > BURST_MS;
  }

  /** The same after a timer fired, which takes no time worth a look at the clock: that is looked at after some. */
  isLateByTimers(): boolean {
    this.timers = (this.timers + 1) % TIMERS_A_LOOK;
    return this.timers === 0 && this.isLate;
  }

  endBy(icount: number): void {
    this.end = Math.min(this.end, icount);
  }

  /** Sizes the next one to the time that this one took. */
  ended(icount: number): void {
    const insns = icount - this.startIcount;
    const fitting = Math.round((insns / Math.max(this.elapsedMs, 0.1)) * BURST_MS);
    this.insns = Math.min(Math.max(fitting, MIN_BURST_INSNS), MAX_BURST_INSNS);
  }

  private get elapsedMs(): number {
    return this.time.monotonicMs() - this.startMs;
  }
}
