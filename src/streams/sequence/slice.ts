/** How much of the guest runs between two turns of the host. Where a slice ends decides nothing but where inputs are let in. */
import type { HostTime } from "../host-time.js";

/** How long the host's other work may have to wait. */
const SLICE_MS = 8;
const FIRST_SLICE_INSNS = 200_000;
const MIN_SLICE_INSNS = FIRST_SLICE_INSNS / 8;
const MAX_SLICE_INSNS = 16_000_000;
/** A look at the clock costs as much as a tenth of an event. */
const EVENTS_A_LOOK = 8;

export class Slice {
  private insns = FIRST_SLICE_INSNS;
  private asked = 0;
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

  /** Whether its time is over, however many instructions are left. Asked at each event; the clock is not. */
  isFoundLate(): boolean {
    this.asked = (this.asked + 1) % EVENTS_A_LOOK;
    return this.asked === 0 && this.elapsedMs > SLICE_MS;
  }

  endBy(icount: number): void {
    this.end = Math.min(this.end, icount);
  }

  /** Sizes the next one to the time that this one took. */
  ended(icount: number): void {
    const insns = icount - this.startIcount;
    const fitting = Math.round((insns / Math.max(this.elapsedMs, 0.1)) * SLICE_MS);
    this.insns = Math.min(Math.max(fitting, MIN_SLICE_INSNS), MAX_SLICE_INSNS);
  }

  private get elapsedMs(): number {
    return this.time.monotonicMs() - this.startMs;
  }
}
