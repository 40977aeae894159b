/** Finds the device that answers at a physical address. */
import type { Access, Loaded, Stored } from "../reducers/device.js";
import type { Unit } from "../reducers/devices.js";

export class BusMap {
  private readonly bases: readonly number[];
  private readonly ends: readonly number[];
  /** The unit of the last access. The next access most likely goes there too. */
  private last = 0;

  constructor(private readonly units: readonly Unit[]) {
    this.bases = units.map(({ place }) => place.base);
    this.ends = units.map(({ place }) => place.base + place.sizeBytes);
  }

  /** The unit whose registers contain the address; -1: none. */
  unitAt(address: number): number {
    if (this.isIn(this.last, address)) return this.last;
    for (let unit = 0; unit < this.units.length; unit += 1) {
      if (this.isIn(unit, address)) return (this.last = unit);
    }
    return -1;
  }

  private isIn(unit: number, address: number): boolean {
    return address >= (this.bases[unit] ?? 0) && address < (this.ends[unit] ?? 0);
  }
}

/** Devices lie in the lower 4 GiB. */
const NOWHERE = -1;

/** The address of a device, from the halves of a physical one. */
export const deviceAddress = (high: number, low: number): number => (high === 0 ? low >>> 0 : NOWHERE);

/** Copied member by member: a spread costs as much as the rest of the way to the device. */
export const loadedAt = (offset: number, width: number): Loaded => ({
  type: "bus/loaded",
  offset,
  width: width as Access["width"],
});

export const storedAt = (offset: number, width: number, value: bigint): Stored => ({
  type: "bus/stored",
  offset,
  width: width as Access["width"],
  value,
});
