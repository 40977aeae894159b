/**
 * The service of a kind of virtio device works on guest RAM. A new one is a file like rng.ts and a row in services.ts.
 */
import type { Step } from "../../reducers/device.js";
import type { EventIn } from "../../reducers/event-table.js";
import type { DeviceStateOf, EventsOf, VirtioKind } from "../../reducers/virtio/devices.js";
import { isQueueLive, reduce, type VirtioState } from "../../reducers/virtio/virtio.js";
import type { Disk } from "../disk/disk.js";
import type { GuestMemory } from "./guest-memory.js";
import { SplitQueue } from "./queue.js";

/** The state of a slot with a device of this kind. */
export type SlotWith<Kind extends VirtioKind> = Omit<VirtioState, "device"> & { readonly device: DeviceStateOf<Kind> };

export interface VirtioService<Kind extends VirtioKind> {
  /**
   * Serves a queue that the driver notified: the work of its bottom half. It changes a block device's disk in place,
   * like RAM.
   */
  handleQueue(memory: GuestMemory, state: SlotWith<Kind>, queue: number, disk: Disk | undefined): Step<VirtioState>;
  /** Does other deferred work, a `virtioBottomHalf` that the device named itself; absent: it defers none. */
  handleWork?(memory: GuestMemory, state: SlotWith<Kind>, work: string): Step<VirtioState>;
  /** Whether the device has room for an input now. The host holds back what it can't take. */
  canTake(memory: GuestMemory, state: SlotWith<Kind>, event: EventIn<EventsOf<Kind>>, disk: Disk | undefined): boolean;
  /** Handles input from outside. */
  handleInput(memory: GuestMemory, state: SlotWith<Kind>, event: EventIn<EventsOf<Kind>>): Step<VirtioState>;
}

/** The queue, if driver and device are both ready for it. For looking at it, or for use within `serve`. */
export const openQueue = (memory: GuestMemory, state: VirtioState, queue: number): SplitQueue | undefined => {
  const virtqueue = state.queues[queue];
  return virtqueue === undefined || !isQueueLive(state, queue)
    ? undefined
    : new SplitQueue(memory, virtqueue, state.driverFeatures);
};

/** Lets `work` serve the queue, if driver and device are both ready for it, and reduces the outcome. */
export const serve = <Slot extends VirtioState>(
  memory: GuestMemory,
  state: Slot,
  queue: number,
  work: (open: SplitQueue) => void,
): Slot => {
  const open = openQueue(memory, state, queue);
  if (open === undefined) return state;
  work(open);
  const served = reduce(state, { type: "virtio/queueServed", queue, ...open.close() });
  // Serving a queue does not change the device.
  return (open.broken === undefined ? served : reduce(served, { type: "virtio/queueBroken", queue })) as Slot;
};
