/** The states of a machine's devices, one per unit, changed in place. What derives from them is updated with them. */
import type { Step } from "../reducers/device.js";
import type { Unit } from "../reducers/devices.js";
import type { Effect } from "../reducers/effect.js";
import { stateOf, type PlatformState } from "../reducers/platform.js";
import { DeviceTimers } from "./device-timers.js";
import { InterruptLines } from "./interrupt-lines.js";

export class DeviceStates {
  readonly lines: InterruptLines;
  readonly timers: DeviceTimers;
  private readonly states: unknown[];
  /** The units that learn of each step of a device at one of their sources. */
  private readonly controllers: readonly number[];

  constructor(
    readonly units: readonly Unit[],
    platform: PlatformState,
    harts: number,
    private readonly take: (effect: Effect) => void,
  ) {
    this.states = units.map((unit) => stateOf(platform, unit));
    this.lines = new InterruptLines(units, this.states, harts);
    this.timers = new DeviceTimers(units, this.states);
    this.controllers = [...units.keys()].filter((unit) => units[unit]?.device.sourceMoved !== undefined);
  }

  get all(): readonly unknown[] {
    return this.states;
  }

  at(unit: number): unknown {
    return this.states[unit];
  }

  load(platform: PlatformState): void {
    this.units.forEach((unit, index) => {
      this.states[index] = stateOf(platform, unit);
    });
    this.lines.renew();
    this.timers.changed();
  }

  /** Applies the outcome of a unit's step. False: nothing changed. */
  put(unit: number, step: Step<unknown>): boolean {
    // By index: a pattern would take the pair apart by its iterator.
    const effects = step[1];
    const isChanged = this.set(unit, step[0]);
    const isSeen = this.tellControllers(unit);
    for (const effect of effects) this.take(effect);
    return isChanged || isSeen || effects.length > 0;
  }

  /** Whether the state is another one. */
  set(unit: number, state: unknown): boolean {
    if (state === this.states[unit]) return false;
    this.states[unit] = state;
    this.lines.changed(unit);
    if (this.units[unit]?.device.timer !== undefined) this.timers.changed();
    return true;
  }

  private tellControllers(unit: number): boolean {
    const source = this.units[unit]?.place.source;
    if (source === undefined) return false;
    let isSeen = false;
    for (const controller of this.controllers) {
      const state = this.states[controller];
      const after = this.units[controller]?.device.sourceMoved?.(state, source) ?? state;
      if (this.set(controller, after)) isSeen = true;
    }
    return isSeen;
  }
}
