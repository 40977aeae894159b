/** The virtual clock of a running machine, and the position of the devices' next timer on it. */
import * as clock from "../reducers/clock.js";
import type { VirtualNs } from "../reducers/position.js";
import type { DeviceTimers } from "./device-timers.js";

export class VirtualClock {
  constructor(
    public state: clock.ClockState,
    private readonly shift: number,
  ) {}

  /** The clock, in ns, at an icount. */
  at(icount: number): VirtualNs {
    return clock.virtualNs(this.state, this.shift, icount);
  }

  /** The first icount at which the clock has reached the time, if it does not warp; Infinity: never. */
  icountAt(virtualNs: bigint): number {
    return clock.icountAt(this.state, this.shift, virtualNs);
  }

  /** The icount at which the next timer fires; Infinity: none. */
  deadlineIcount({ deadlineNs }: DeviceTimers): number {
    return deadlineNs === undefined ? Infinity : this.icountAt(deadlineNs);
  }

  reduce(event: clock.ClockEvent): void {
    this.state = clock.reduce(this.state, event);
  }
}
