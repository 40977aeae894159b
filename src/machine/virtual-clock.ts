/** The virtual clock of a machine that runs, and where on its way the devices' next timer stands. */
import * as clock from "../reducers/clock.js";
import type { EventOf } from "../reducers/events.js";
import type { DeviceTimers } from "./device-timers.js";

export class VirtualClock {
  /** What `deadlineIcount` came to, and from what. */
  private kept: { readonly version: number; readonly state: clock.ClockState; readonly icount: number } | undefined;

  constructor(
    public state: clock.ClockState,
    private readonly shift: number,
  ) {}

  /** In ns, once so many instructions have retired. */
  at(icount: number): bigint {
    return clock.virtualNs(this.state, this.shift, icount);
  }

  /** The first icount at which the clock will have come so far, unless it warps; Infinity: none that can be reached. */
  icountAt(virtualNs: bigint): number {
    const icount = clock.icountAt(this.state, this.shift, virtualNs);
    return icount > BigInt(Number.MAX_SAFE_INTEGER) ? Infinity : Number(icount);
  }

  /** Where the next timer fires; Infinity: nowhere. Asked at every boundary, and another one only with other timers or another clock. */
  deadlineIcount(timers: DeviceTimers): number {
    const { version } = timers;
    if (this.kept?.version !== version || this.kept.state !== this.state) {
      const { deadlineNs } = timers;
      const icount = deadlineNs === undefined ? Infinity : this.icountAt(deadlineNs);
      this.kept = { version, state: this.state, icount };
    }
    return this.kept.icount;
  }

  reduce(event: EventOf<"clock/warped">): void {
    this.state = clock.reduce(this.state, event);
  }
}
