/**
 * The interrupt lines: those of devices at the controllers, and those of controllers at the hart. Derived, and updated
 * with the states.
 */
import type { Environment } from "../reducers/device.js";
import { devices, type Unit } from "../reducers/devices.js";
import { stateOf } from "../reducers/platform.js";
import { SOURCE_WORDS } from "../reducers/plic.js";
import type { MachineState } from "./state.js";

export class InterruptLines implements Pick<Environment, "sources"> {
  /** The level of each PLIC source, in words of 32. */
  readonly sources = new Uint32Array(SOURCE_WORDS);
  /** What the controllers raise at each hart, as bits of mip: a row of harts per unit. */
  private readonly raised: Int32Array;
  /** The same of all units, by hart: it is read at every boundary. */
  private readonly ofHarts: Int32Array;
  private readonly controllers: readonly number[];

  constructor(
    private readonly units: readonly Unit[],
    private readonly states: readonly unknown[],
    private readonly harts: number,
  ) {
    this.raised = new Int32Array(units.length * harts);
    this.ofHarts = new Int32Array(harts);
    this.controllers = [...units.keys()].filter((unit) => units[unit]?.device.hartLines !== undefined);
    this.renew();
  }

  /** What a hart sees, as bits of mip. They fit a number, so no bigint is made. */
  of(hart: number): number {
    return this.ofHarts[hart] ?? 0;
  }

  /** Updates the lines after a change of one unit's state. */
  changed(unit: number): void {
    const { device, place } = this.units[unit] as Unit;
    if (device.hartLines !== undefined) this.askController(unit);
    if (device.interruptLine === undefined || place.source === undefined) return;
    if (this.setSource(place.source, device.interruptLine(this.states[unit]))) this.askControllers();
  }

  /** Updates all lines. */
  renew(): void {
    this.sources.fill(0);
    this.units.forEach(({ device, place: { source } }, unit) => {
      if (source !== undefined) this.setSource(source, device.interruptLine?.(this.states[unit]) ?? false);
    });
    this.askControllers();
  }

  private setSource(source: number, isHigh: boolean): boolean {
    const word = source >> 5;
    const bit = 1 << (source & 31);
    const before = this.sources[word] ?? 0;
    this.sources[word] = isHigh ? before | bit : before & ~bit;
    return this.sources[word] !== before;
  }

  private askControllers(): void {
    for (const unit of this.controllers) this.askController(unit);
  }

  private askController(unit: number): void {
    const { device } = this.units[unit] as Unit;
    for (let hart = 0; hart < this.harts; hart += 1) {
      this.raised[unit * this.harts + hart] = device.hartLines?.(this.states[unit], hart, this) ?? 0;
      let lines = 0;
      for (const controller of this.controllers) lines |= this.raised[controller * this.harts + hart] ?? 0;
      this.ofHarts[hart] = lines;
    }
  }
}

/** The lines of a state that is not running. */
export const interruptLinesOf = ({ config, platform }: Pick<MachineState, "config" | "platform">): InterruptLines => {
  const units = devices(config);
  return new InterruptLines(
    units,
    units.map((unit) => stateOf(platform, unit)),
    config.harts,
  );
};
