/** Serves the network device (virtio 1.2 §5.1): frames of the driver's go to the wire, frames from the wire into its buffers. */
import type { Step } from "../../reducers/device.js";
import { NO_EFFECTS, type Effect } from "../../reducers/effect.js";
import {
  CONTROL_QUEUE,
  F_CTRL_VLAN,
  F_MRG_RXBUF,
  MAX_FRAME_BYTES,
  RECEIVE_QUEUE,
  TRANSMIT_QUEUE,
} from "../../reducers/virtio/net.js";
import { letsIn } from "../../reducers/virtio/receive-filter.js";
import { isQueueLive, queueBottomHalf, reduce, type VirtioState } from "../../reducers/virtio/virtio.js";
import type { Chain } from "./descriptors.js";
import type { GuestMemory } from "./guest-memory.js";
import { control } from "./net-control.js";
import type { SplitQueue } from "./queue.js";
import { openQueue, serve, type SlotWith, type VirtioService } from "./service.js";

/** §5.1.6: struct virtio_net_hdr with num_buffers; nothing else in it is used without offloads. */
const HEADER_BYTES = 12;
const NUM_BUFFERS = 10;
/** Sent in one go, as QEMU's tx_burst; the rest waits for another bottom half, so that no guest can hold up the machine. */
const TRANSMIT_BURST = 256;

export const net: VirtioService<"net"> = {
  handleQueue: (memory, state, queue) => {
    if (queue === TRANSMIT_QUEUE) return transmit(memory, state);
    // A receive buffer alone is no work: a frame that waits for it comes in as its event.
    return [queue === CONTROL_QUEUE ? control(memory, state) : state, NO_EFFECTS];
  },
  canTake: (memory, state, event) =>
    event.type === "virtioNet/linkChanged" || canReceive(memory, state, event.frame.length),
  handleInput: (memory, state, event) =>
    event.type === "virtioNet/linkChanged"
      ? [setLink(state, event.up !== 0), NO_EFFECTS]
      : [receive(memory, state, event.frame), [{ type: "network/received", slot: state.slot }]],
};

/** Whether a frame can come in now: it finds room, or a device that drops it, or a driver that gets told what it did wrong. */
const canReceive = (memory: GuestMemory, state: SlotWith<"net">, frameBytes: number): boolean => {
  if (!state.device.linkUp) return true;
  if (!isQueueLive(state, RECEIVE_QUEUE)) return false;
  const queue = openQueue(memory, state, RECEIVE_QUEUE);
  if (queue === undefined) return false;
  const hasRoom = isMergeable(state) ? queue.hasWritable(HEADER_BYTES + frameBytes) : queue.peek() !== undefined;
  return hasRoom || queue.broken !== undefined;
};

const receive = (memory: GuestMemory, state: SlotWith<"net">, frame: Uint8Array): VirtioState => {
  if (!state.device.linkUp || frame.length > MAX_FRAME_BYTES) return state;
  if (!letsIn(state.device.filter, frame, (state.driverFeatures & F_CTRL_VLAN) !== 0n)) return state;
  return serve(memory, state, RECEIVE_QUEUE, (queue) => {
    if (isMergeable(state)) fillSeveral(queue, frame);
    else fillOne(queue, frame);
  });
};

/** A frame that the driver's buffer has no room for is dropped, and the buffer kept, as QEMU does. */
const fillOne = (queue: SplitQueue, frame: Uint8Array): void => {
  const next = queue.peek();
  if (next === undefined || isUnusable(queue, next)) return;
  if (next.writableLength < HEADER_BYTES + frame.length) return;
  const chain = queue.take();
  if (chain !== undefined) queue.giveBack(chain, queue.write(chain, packet(frame, 1)));
};

/** §5.1.6.4.1: over as many buffers as it takes, whose number is in the first. */
const fillSeveral = (queue: SplitQueue, frame: Uint8Array): void => {
  if (!queue.hasWritable(HEADER_BYTES + frame.length)) return;
  const chains: Chain[] = [];
  for (let room = 0; room < HEADER_BYTES + frame.length;) {
    const chain = queue.take();
    if (chain === undefined || isUnusable(queue, chain)) return;
    chains.push(chain);
    room += chain.writableLength;
  }
  let rest = packet(frame, chains.length);
  for (const chain of chains) {
    const written = queue.write(chain, rest);
    queue.giveBack(chain, written);
    rest = rest.subarray(written);
  }
};

const isUnusable = (queue: SplitQueue, chain: Chain): boolean => {
  if (chain.writableLength >= HEADER_BYTES) return false;
  queue.broken = `a receive buffer of ${String(chain.writableLength)} bytes, which is none for a header`;
  return true;
};

const packet = (frame: Uint8Array, buffers: number): Uint8Array => {
  const bytes = new Uint8Array(HEADER_BYTES + frame.length);
  new DataView(bytes.buffer).setUint16(NUM_BUFFERS, buffers, true);
  bytes.set(frame, HEADER_BYTES);
  return bytes;
};

const transmit = (memory: GuestMemory, state: VirtioState): Step<VirtioState> => {
  const effects: Effect[] = [];
  const served = serve(memory, state, TRANSMIT_QUEUE, (queue) => {
    for (let count = 0; count < TRANSMIT_BURST; count += 1) {
      const chain = queue.take();
      if (chain === undefined) return;
      if (chain.readableLength < HEADER_BYTES) {
        queue.broken = `a packet of ${String(chain.readableLength)} bytes, less than its header`;
        return;
      }
      const isFrame = chain.readableLength - HEADER_BYTES <= MAX_FRAME_BYTES;
      const frame = isFrame ? queue.read(chain, HEADER_BYTES) : undefined;
      queue.giveBack(chain, 0);
      if (frame !== undefined) effects.push({ type: "network/transmitted", slot: state.slot, frame });
    }
    if (queue.peek() === undefined) return;
    effects.push({ type: "bottomHalf/scheduled", id: queueBottomHalf(state.slot, TRANSMIT_QUEUE) });
  });
  return [served, effects];
};

const setLink = (state: SlotWith<"net">, linkUp: boolean): VirtioState => {
  if (state.device.linkUp === linkUp) return state;
  return reduce(state, { type: "virtio/configurationChanged", device: { ...state.device, linkUp } });
};

const isMergeable = (state: VirtioState): boolean => (state.driverFeatures & F_MRG_RXBUF) !== 0n;
