/** From a physical address to the device that answers there. */
import type { Access, Loaded, Stored } from "../reducers/device.js";
import type { Unit } from "../reducers/devices.js";

export class BusMap {
  private readonly bases: readonly number[];
  private readonly ends: readonly number[];
  /** Where the last access went, and the next most likely goes. */
  private last = 0;

  constructor(private readonly units: readonly Unit[]) {
    this.bases = units.map(({ place }) => place.base);
    this.ends = units.map(({ place }) => place.base + place.sizeBytes);
  }

  /** Which unit's registers the address is in; -1: nobody's. */
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

/** Above it is no device, and a number would not be exact. */
const LAST_ADDRESS = 0xffff_ffffn;
/** No device's. */
const NOWHERE = -1;

export const deviceAddress = (address: bigint): number => (address > LAST_ADDRESS ? NOWHERE : Number(address));

/** Member by member: a spread costs as much as all else on the way to the device. */
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
