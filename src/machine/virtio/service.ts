/** What serves a kind of virtio device from guest RAM: a new one is a file like rng.ts, and a row in services.ts. */
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
  /** Serves a queue that the driver notified: the work of its bottom half. A block device's disk is changed in place, as RAM is. */
  handleQueue(memory: GuestMemory, state: SlotWith<Kind>, queue: number, disk: Disk | undefined): Step<VirtioState>;
  /** Does other work that it put off, as a `virtioBottomHalf` of its own naming; absent: it puts off none. */
  handleWork?(memory: GuestMemory, state: SlotWith<Kind>, work: string): Step<VirtioState>;
  /** Whether it has room for an input now; the host holds back what it can't take. */
  canTake(memory: GuestMemory, state: SlotWith<Kind>, event: EventIn<EventsOf<Kind>>, disk: Disk | undefined): boolean;
  /** Takes input from outside. */
  handleInput(memory: GuestMemory, state: SlotWith<Kind>, event: EventIn<EventsOf<Kind>>): Step<VirtioState>;
}

/** The queue, if driver and device are both ready for it: to look, or within `serve`. */
export const openQueue = (memory: GuestMemory, state: VirtioState, queue: number): SplitQueue | undefined => {
  const virtqueue = state.queues[queue];
  return virtqueue === undefined || !isQueueLive(state, queue)
    ? undefined
    : new SplitQueue(memory, virtqueue, state.driverFeatures);
};

/** Lets `work` serve the queue if driver and device are both ready for it, and reduces the outcome. */
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
  // Serving a queue leaves the device as it is.
  return (open.broken === undefined ? served : reduce(served, { type: "virtio/queueBroken", queue })) as Slot;
};
