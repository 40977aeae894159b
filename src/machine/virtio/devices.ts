/** Which file serves which kind of virtio device; the machine calls these two, and no device by itself. */
import type { VirtioKind } from "../../reducers/virtio-slot.js";
import type { VirtioState } from "../../reducers/virtio.js";
import type { Disk } from "../disk/disk.js";
import { blk } from "./blk.js";
import { console } from "./console.js";
import type { VirtioDevice, VirtioInput, VirtioResult } from "./device.js";
import type { GuestMemory } from "./guest-memory.js";
import { net } from "./net.js";
import { rng } from "./rng.js";

/** For the event `bottomHalf/ran` of a `virtioBottomHalf`, with the state of its slot. */
export const handleBottomHalf = (
  memory: GuestMemory,
  state: VirtioState,
  { work, queue }: { readonly work: string; readonly queue: number | undefined },
  disk?: Disk,
): VirtioResult => {
  const handler = HANDLERS[state.device.kind];
  if (queue !== undefined) return handler.handleQueue(memory, state, queue, disk);
  return handler.handleWork?.(memory, state, work) ?? { state, effects: [] };
};

/** For the events that name a virtio slot, with that slot's state. */
export const handleInput = (memory: GuestMemory, state: VirtioState, event: VirtioInput): VirtioResult =>
  HANDLERS[state.device.kind].handleInput(memory, state, event);

const nothing: VirtioDevice = {
  handleQueue: (_, state) => ({ state, effects: [] }),
  handleInput: (_, state) => ({ state, effects: [] }),
};

const HANDLERS: Readonly<Record<VirtioKind, VirtioDevice>> = { none: nothing, rng, console, blk, net };
