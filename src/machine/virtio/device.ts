/** What every virtio device is to the machine: a new one is a file like rng.ts, and a row in devices.ts. */
import type { Effect } from "../../reducers/device.js";
import type { EventOf } from "../../reducers/events.js";
import { isQueueLive, reduce, type VirtioState } from "../../reducers/virtio.js";
import type { Disk } from "../disk/disk.js";
import type { GuestMemory } from "./guest-memory.js";
import { SplitQueue } from "./queue.js";

/** What comes to a virtio device from outside. */
export type VirtioInput = EventOf<
  | "virtioRng/entropyProvided"
  | "virtioConsole/bytesReceived"
  | "virtioNet/frameReceived"
  | "virtioNet/linkChanged"
  | "virtioBlk/requestCompleted"
>;

export interface VirtioResult {
  readonly state: VirtioState;
  readonly effects: readonly Effect[];
}

export interface VirtioDevice {
  /** Serves a queue that the driver notified: the work of its bottom half. A block device's disk is changed in place, as RAM is. */
  handleQueue(memory: GuestMemory, state: VirtioState, queue: number, disk?: Disk): VirtioResult;
  /** Does other work that it put off, as a `virtioBottomHalf` of its own naming; absent: it puts off none. */
  handleWork?(memory: GuestMemory, state: VirtioState, work: string): VirtioResult;
  /** Takes input from outside; one that is not for this device changes nothing. */
  handleInput(memory: GuestMemory, state: VirtioState, event: VirtioInput): VirtioResult;
}

/** The queue, if driver and device are both ready for it: to look, or within `serve`. */
export const openQueue = (memory: GuestMemory, state: VirtioState, queue: number): SplitQueue | undefined => {
  const virtqueue = state.queues[queue];
  return virtqueue === undefined || !isQueueLive(state, queue)
    ? undefined
    : new SplitQueue(memory, virtqueue, state.driverFeatures);
};

/** Lets `work` serve the queue if driver and device are both ready for it, and reduces the outcome. */
export const serve = (
  memory: GuestMemory,
  state: VirtioState,
  queue: number,
  work: (open: SplitQueue) => void,
): VirtioState => {
  const open = openQueue(memory, state, queue);
  if (open === undefined) return state;
  work(open);
  const served = reduce(state, { type: "virtio/queueServed", queue, ...open.close() });
  return open.broken === undefined ? served : reduce(served, { type: "virtio/queueBroken", queue });
};
