// A virtio device with a driver's view of it: RAM, the registers of slot 1, and bottom halves that run at once or when
// asked.
import type { Disk } from "../../../src/machine/disk/disk.js";
import { canTake, handleBottomHalf, handleInput } from "../../../src/machine/virtio/services.js";
import type { GuestMemory } from "../../../src/machine/virtio/guest-memory.js";
import type { Effect } from "../../../src/reducers/effect.js";
import type { Step } from "../../../src/reducers/device.js";
import { virtioMmio } from "../../../src/reducers/virtio-mmio.js";
import type { VirtioInput, VirtioSlot } from "../../../src/reducers/virtio/devices.js";
import { initialState, parseVirtioBottomHalf, type VirtioState } from "../../../src/reducers/virtio/virtio.js";
import { NOWHEN } from "../../reducers/stepped.js";
import type { Observation, RegisterAccess } from "../../support/register-access.js";

export const RAM = 0x8000_0000;
export const RAM_BYTES = 0x20_0000;
export const SLOT = 0x1000_2000;
/** Where the drivers of these tests put their rings and buffers. */
export const AREA = {
  descriptors: 0x8010_0000,
  driver: 0x8010_1000,
  device: 0x8010_2000,
  indirect: 0x8010_3000,
  buffers: 0x8010_4000,
} as const;

export interface VirtioGuest {
  readonly state: VirtioState;
  readonly ram: Uint8Array;
  readonly memory: GuestMemory;
  /** All but bottom halves, which were run. */
  readonly effects: Effect[];
  access(access: RegisterAccess): Observation;
  canTake(event: VirtioInput): boolean;
  input(event: VirtioInput): void;
  /** Runs the bottom half that was scheduled first, where they are put off; false: there is none. */
  runBottomHalf(): boolean;
}

export const virtioGuest = (config: VirtioSlot, disk?: Disk, { putsOff = false } = {}): VirtioGuest => {
  const ram = new Uint8Array(RAM_BYTES);
  const view = new DataView(ram.buffer);
  const memory: GuestMemory = {
    has: inRam,
    read: (address, length) =>
      inRam(address, length) ? ram.slice(Number(address) - RAM, Number(address) - RAM + length) : undefined,
    write: (address, bytes) => {
      if (!inRam(address, bytes.length)) return false;
      ram.set(bytes, Number(address) - RAM);
      return true;
    },
  };
  let state = initialState(1, config);
  const effects: Effect[] = [];
  const scheduled = new Set<string>();
  const runNext = (): boolean => {
    const [id] = scheduled;
    if (id === undefined) return false;
    scheduled.delete(id);
    const work = parseVirtioBottomHalf(id);
    if (work === undefined) throw new Error(`no bottom half has the id ${id}`);
    settle(handleBottomHalf(memory, state, work, disk));
    return true;
  };
  const settle = ([after, asked]: Step<VirtioState>): void => {
    state = after;
    for (const effect of asked) {
      if (effect.type === "bottomHalf/cancelled") {
        for (const id of scheduled) if (id === effect.id || id.startsWith(`${effect.id}/`)) scheduled.delete(id);
      } else if (effect.type === "bottomHalf/scheduled") {
        scheduled.add(effect.id);
        if (!putsOff) runNext();
      } else effects.push(effect);
    }
  };

  return {
    get state() {
      return state;
    },
    ram,
    memory,
    effects,
    runBottomHalf: runNext,
    canTake: (event) => canTake(memory, state, event, disk),
    input(event) {
      settle(handleInput(memory, state, event));
    },
    access({ address, width, value }) {
      if (address >= RAM) {
        const at = address - RAM;
        if (value === undefined) return seen(loadRam(view, at, width));
        storeRam(view, at, width, value);
        return seen(0n);
      }
      const access = { offset: address - SLOT, width };
      if (value === undefined) return seen(virtioMmio.load(state, access, NOWHEN));
      const event = { type: "bus/stored", ...access, value: BigInt.asUintN(width * 8, value) } as const;
      settle(virtioMmio.step(state, event, NOWHEN));
      return seen(0n);
    },
  };
};

const seen = (value: bigint): Observation => ({ value, trap: 0, mip: 0n });

const inRam = (address: bigint, length: number): boolean =>
  address >= BigInt(RAM) && address + BigInt(length) <= BigInt(RAM + RAM_BYTES);

const loadRam = (view: DataView, at: number, width: number): bigint => {
  if (width === 1) return BigInt(view.getUint8(at));
  if (width === 2) return BigInt(view.getUint16(at, true));
  return width === 4 ? BigInt(view.getUint32(at, true)) : view.getBigUint64(at, true);
};

const storeRam = (view: DataView, at: number, width: number, value: bigint): void => {
  if (width === 1) view.setUint8(at, Number(value & 0xffn));
  else if (width === 2) view.setUint16(at, Number(value & 0xffffn), true);
  else if (width === 4) view.setUint32(at, Number(value & 0xffff_ffffn), true);
  else view.setBigUint64(at, value, true);
};
