/** The devices' timers: which is due next, and its event. */
import type { Unit } from "../reducers/devices.js";
import type { MachineEvent } from "../reducers/events.js";

export class DeviceTimers {
  private readonly timed: readonly number[];
  private first: number | undefined;
  private firstNs: bigint | undefined;
  private isStale = true;

  constructor(
    private readonly units: readonly Unit[],
    private readonly states: readonly unknown[],
  ) {
    this.timed = [...units.keys()].filter((unit) => units[unit]?.device.timer !== undefined);
  }

  /** The virtual time of the next timer, in ns; undefined when none is armed. */
  get deadlineNs(): bigint | undefined {
    this.look();
    return this.firstNs;
  }

  /** The event of the deadline. */
  get event(): MachineEvent | undefined {
    this.look();
    if (this.first === undefined) return undefined;
    return this.units[this.first]?.device.timer?.event(this.states[this.first]) as MachineEvent | undefined;
  }

  changed(): void {
    this.isStale = true;
  }

  private look(): void {
    if (!this.isStale) return;
    this.isStale = false;
    this.first = undefined;
    this.firstNs = undefined;
    for (const unit of this.timed) {
      const deadlineNs = this.units[unit]?.device.timer?.deadlineNs(this.states[unit]);
      if (deadlineNs === undefined || (this.firstNs !== undefined && deadlineNs >= this.firstNs)) continue;
      this.first = unit;
      this.firstNs = deadlineNs;
    }
  }
}
