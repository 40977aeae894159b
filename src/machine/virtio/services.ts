/** The table of virtio services by kind. The machine calls only what this file exports. */
import type { Step } from "../../reducers/device.js";
import { NO_EFFECTS } from "../../reducers/effect.js";
import { deviceOf, type VirtioInput, type VirtioKind } from "../../reducers/virtio/devices.js";
import type { VirtioState } from "../../reducers/virtio/virtio.js";
import type { Disk } from "../disk/disk.js";
import { blk } from "./blk.js";
import { console } from "./console.js";
import type { GuestMemory } from "./guest-memory.js";
import { net } from "./net.js";
import { rng } from "./rng.js";
import type { VirtioService } from "./service.js";

const none: VirtioService<"none"> = {
  handleQueue: (_, state) => [state, NO_EFFECTS],
  canTake: () => false,
  handleInput: (_, state) => [state, NO_EFFECTS],
};

const SERVICES: { readonly [Kind in VirtioKind]: VirtioService<Kind> } = { none, rng, console, blk, net };

/** Handles `bottomHalf/ran` of a `virtioBottomHalf`, with the state of its slot. */
export const handleBottomHalf = (
  memory: GuestMemory,
  state: VirtioState,
  { work, queue }: { readonly work: string; readonly queue: number | undefined },
  disk?: Disk,
): Step<VirtioState> => {
  const service = serviceOf(state);
  if (queue !== undefined) return service.handleQueue(memory, state, queue, disk);
  return service.handleWork?.(memory, state, work) ?? [state, NO_EFFECTS];
};

/** Whether the device in the slot can take an input now. It never takes another kind's input. */
export const canTake = (memory: GuestMemory, state: VirtioState, event: VirtioInput, disk?: Disk): boolean =>
  isOwn(state, event) && serviceOf(state).canTake(memory, state, event, disk);

/** Handles the events that name a virtio slot, with that slot's state. Another kind's events change nothing. */
export const handleInput = (memory: GuestMemory, state: VirtioState, event: VirtioInput): Step<VirtioState> =>
  isOwn(state, event) ? serviceOf(state).handleInput(memory, state, event) : [state, NO_EFFECTS];

/** Whether an input is of the kind of device that the slot has. */
export const isOwn = ({ device }: VirtioState, { type }: VirtioInput): boolean =>
  Object.hasOwn(deviceOf(device).events, type);

/** A service with the types of all kinds joined. */
interface AnyService {
  handleQueue(memory: GuestMemory, state: VirtioState, queue: number, disk: Disk | undefined): Step<VirtioState>;
  handleWork?(memory: GuestMemory, state: VirtioState, work: string): Step<VirtioState>;
  canTake(memory: GuestMemory, state: VirtioState, event: VirtioInput, disk: Disk | undefined): boolean;
  handleInput(memory: GuestMemory, state: VirtioState, event: VirtioInput): Step<VirtioState>;
}

// The kind of the slot has selected the row, so the two fit.
const serviceOf = ({ device }: VirtioState): AnyService => SERVICES[device.kind];
