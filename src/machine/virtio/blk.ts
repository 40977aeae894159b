/**
 * Serves the block device (virtio 1.2 §5.2): takes requests from the driver, asks the host, and finishes the requests
 * in the order of its answers. Data moves when a request is finished, so overlapping requests have the order of the
 * events.
 */
import type { Step } from "../../reducers/device.js";
import { NO_EFFECTS, type Effect } from "../../reducers/effect.js";
import { diskRequested, MAX_IN_FLIGHT, withAnswer, type BlkRequest, type BlkState } from "../../reducers/virtio/blk.js";
import { isQueueLive, queueBottomHalf, reduce, type VirtioState } from "../../reducers/virtio/virtio.js";
import type { Disk } from "../disk/disk.js";
import { BLK_STATUS, readRequest, returnOf, type BlkReturn } from "./blk-request.js";
import type { GuestMemory } from "./guest-memory.js";
import type { SplitQueue } from "./queue.js";
import { serve, type SlotWith, type VirtioService } from "./service.js";

const REQUEST_QUEUE = 0;

export const blk: VirtioService<"blk"> = {
  handleQueue: (memory, state, queue, disk) =>
    queue === REQUEST_QUEUE && disk !== undefined ? serveRequests(memory, state, disk) : [state, NO_EFFECTS],
  /** An answer is valid for any request made so far, because a reset may have dropped the request meanwhile. */
  canTake: (_, _state, { id }, disk) => id < (disk?.state.nextRequest ?? 0),
  handleInput: (_, state, event) => {
    const device = withAnswer(state.device, event.id, event.status);
    if (device === state.device) return [state, NO_EFFECTS];
    return [
      reduce(state, { type: "virtio/deviceChanged", device }),
      isQueueLive(state, REQUEST_QUEUE) ? [again(state.slot)] : NO_EFFECTS,
    ];
  },
};

/** Finishes answered requests, up to one bottom half's limit, then takes those that the driver has made available. */
const serveRequests = (memory: GuestMemory, state: SlotWith<"blk">, disk: Disk): Step<VirtioState> => {
  const { device } = state;
  const taken: BlkRequest[] = [];
  let answered = device.answered;
  const served = serve(memory, state, REQUEST_QUEUE, (queue) => {
    const count = burstOf(answered);
    for (const { request, status } of answered.slice(0, count)) finish(memory, queue, disk, request, status);
    answered = answered.slice(count);
    while (device.inFlight.length + answered.length + taken.length < MAX_IN_FLIGHT) {
      const chain = queue.take();
      if (chain === undefined) break;
      const request = readRequest(queue, chain, device, () => disk.takeRequestId());
      if (typeof request === "object") taken.push(request);
      else if (request !== undefined) giveBack(memory, queue, returnOf(chain), request);
    }
  });
  if (taken.length === 0 && device.answered.length === 0) return [served, NO_EFFECTS];
  const inFlight = [...device.inFlight, ...taken];
  // A queue that is live no more has forgotten them.
  const rest = isQueueLive(served, REQUEST_QUEUE) ? answered : [];
  return [
    reduce(served, { type: "virtio/deviceChanged", device: { ...device, inFlight, answered: rest } }),
    [...taken.map((request) => diskRequested(state.slot, request)), ...(rest.length > 0 ? [again(state.slot)] : [])],
  ];
};

/**
 * The most bytes that one bottom half moves, so that no guest can hold up the machine. A queue of usual requests has
 * fewer.
 */
export const MAX_BURST_BYTES = 1 << 28;

/** How many of the answered requests are finished at once: one at least. */
const burstOf = (answered: BlkState["answered"]): number => {
  let bytes = 0;
  const beyond = answered.findIndex(({ request }) => (bytes += request.length) > MAX_BURST_BYTES);
  return beyond < 0 ? answered.length : Math.max(1, beyond);
};

const again = (slot: number): Effect => ({ type: "bottomHalf/scheduled", id: queueBottomHalf(slot, REQUEST_QUEUE) });

const finish = (memory: GuestMemory, queue: SplitQueue, disk: Disk, request: BlkRequest, answer: number): void => {
  const status = answer === BLK_STATUS.ok && !transfer(memory, disk, request) ? BLK_STATUS.ioError : answer;
  giveBack(memory, queue, request, status);
};

const giveBack = (memory: GuestMemory, queue: SplitQueue, to: BlkReturn | undefined, status: number): void => {
  if (to === undefined) return;
  memory.write(to.statusAddress, Uint8Array.of(status));
  queue.giveBack(to, to.usedLength);
};

/** False: a buffer is not in RAM. It was in RAM when the request was taken, and RAM does not move. */
const transfer = (memory: GuestMemory, disk: Disk, { operation, offset, length, buffers }: BlkRequest): boolean => {
  switch (operation) {
    case "flush":
      // The state already holds all finished writes.
      return true;
    case "zero":
      disk.zero(offset, length);
      return true;
    case "read":
    case "write":
      return eachPart(buffers, (address, count, at) => {
        const place = { kind: "disk", slot: disk.state.slot, offset: offset + at } as const;
        if (operation === "read") {
          const bytes = new Uint8Array(count);
          disk.read(offset + at, bytes);
          return memory.write(address, bytes, place);
        }
        const bytes = memory.read(address, count, place);
        if (bytes !== undefined) disk.write(offset + at, bytes);
        return bytes !== undefined;
      });
    default:
      operation satisfies never;
      return true;
  }
};

/** A buffer may have gigabytes, so it is copied in parts. */
export const MAX_PART_BYTES = 1 << 18;

const eachPart = (
  buffers: BlkRequest["buffers"],
  move: (address: bigint, count: number, at: number) => boolean,
): boolean => {
  let at = 0;
  for (const { address, length } of buffers) {
    for (let done = 0; done < length; done += MAX_PART_BYTES) {
      const count = Math.min(MAX_PART_BYTES, length - done);
      if (!move(address + BigInt(done), count, at + done)) return false;
    }
    at += length;
  }
  return true;
};
