/**
 * Serves the network device (virtio 1.2 §5.1): sends the driver's frames to the wire, and puts frames from the wire
 * into its buffers.
 */
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
import { F_VERSION_1, isQueueLive, queueBottomHalf, reduce, type VirtioState } from "../../reducers/virtio/virtio.js";
import type { Carried } from "../engine/carried.js";
import type { Chain } from "./descriptors.js";
import type { GuestMemory } from "./guest-memory.js";
import { control } from "./net-control.js";
import type { SplitQueue } from "./queue.js";
import { openQueue, serve, type SlotWith, type VirtioService } from "./service.js";

/** §5.1.6: struct virtio_net_hdr. Without offloads only num_buffers is used. */
const NUM_BUFFERS = 10;
const MERGED_HEADER_BYTES = 12;

/** §5.1.6.1: a driver older than version 1 that does not merge buffers has no num_buffers. */
const headerBytes = ({ driverFeatures }: VirtioState): number =>
  (driverFeatures & (F_VERSION_1 | F_MRG_RXBUF)) === 0n ? NUM_BUFFERS : MERGED_HEADER_BYTES;
/**
 * The most frames sent at once, as QEMU's tx_burst. The rest waits for another bottom half, so that no guest can hold
 * up the machine.
 */
const MAX_TRANSMIT_FRAMES = 256;

export const net: VirtioService<"net"> = {
  handleQueue: (memory, state, queue) => {
    if (queue === TRANSMIT_QUEUE) return transmit(memory, state);
    // A new receive buffer needs no work: a waiting frame comes as its own event.
    return [queue === CONTROL_QUEUE ? control(memory, state) : state, NO_EFFECTS];
  },
  canTake: (memory, state, event) =>
    event.type === "virtioNet/linkChanged" || canReceive(memory, state, event.frame.length),
  handleInput: (memory, state, event) =>
    event.type === "virtioNet/linkChanged"
      ? [setLink(state, event.up !== 0), NO_EFFECTS]
      : [receive(memory, state, event.frame), [{ type: "network/received", slot: state.slot }]],
};

/**
 * Whether a frame can come in now: it fits, or the link is down and drops it, or the broken queue must be reported to
 * the driver.
 */
const canReceive = (memory: GuestMemory, state: SlotWith<"net">, frameBytes: number): boolean => {
  if (!state.device.linkUp) return true;
  if (!isQueueLive(state, RECEIVE_QUEUE)) return false;
  const queue = openQueue(memory, state, RECEIVE_QUEUE);
  if (queue === undefined) return false;
  const hasRoom = isMergeable(state) ? queue.hasWritable(MERGED_HEADER_BYTES + frameBytes) : queue.peek() !== undefined;
  return hasRoom || queue.broken !== undefined;
};

const receive = (memory: GuestMemory, state: SlotWith<"net">, frame: Uint8Array): VirtioState => {
  if (!state.device.linkUp || frame.length > MAX_FRAME_BYTES) return state;
  if (!letsIn(state.device.filter, frame, (state.driverFeatures & F_CTRL_VLAN) !== 0n)) return state;
  return serve(memory, state, RECEIVE_QUEUE, (queue) => {
    if (isMergeable(state)) fillSeveral(queue, frame);
    else fillOne(queue, frame, headerBytes(state));
  });
};

/** A frame too long for the driver's buffer is dropped, and the buffer stays, as in QEMU. */
const fillOne = (queue: SplitQueue, frame: Uint8Array, header: number): void => {
  const next = queue.peek();
  if (next === undefined || isUnusable(queue, next, header)) return;
  if (next.writableLength < header + frame.length) return;
  const chain = queue.take();
  if (chain !== undefined) queue.giveBack(chain, queue.write(chain, packet(frame, 1, header), framedAt(-header)));
};

/** §5.1.6.4.1: the frame fills as many buffers as it needs. The first one holds their number. */
const fillSeveral = (queue: SplitQueue, frame: Uint8Array): void => {
  if (!queue.hasWritable(MERGED_HEADER_BYTES + frame.length)) return;
  const chains: Chain[] = [];
  for (let room = 0; room < MERGED_HEADER_BYTES + frame.length;) {
    const chain = queue.take();
    if (chain === undefined || isUnusable(queue, chain, MERGED_HEADER_BYTES)) return;
    chains.push(chain);
    room += chain.writableLength;
  }
  let rest = packet(frame, chains.length, MERGED_HEADER_BYTES);
  let at = -MERGED_HEADER_BYTES;
  for (const chain of chains) {
    const written = queue.write(chain, rest, framedAt(at));
    queue.giveBack(chain, written);
    rest = rest.subarray(written);
    at += written;
  }
};

const framedAt = (offset: number): Carried => ({ kind: "message", offset });

const isUnusable = (queue: SplitQueue, chain: Chain, header: number): boolean => {
  if (chain.writableLength >= header) return false;
  queue.broken = `a receive buffer of ${String(chain.writableLength)} bytes, which is none for a header`;
  return true;
};

const packet = (frame: Uint8Array, buffers: number, header: number): Uint8Array => {
  const bytes = new Uint8Array(header + frame.length);
  if (header === MERGED_HEADER_BYTES) new DataView(bytes.buffer).setUint16(NUM_BUFFERS, buffers, true);
  bytes.set(frame, header);
  return bytes;
};

const transmit = (memory: GuestMemory, state: VirtioState): Step<VirtioState> => {
  const effects: Effect[] = [];
  const header = headerBytes(state);
  const served = serve(memory, state, TRANSMIT_QUEUE, (queue) => {
    for (let count = 0; count < MAX_TRANSMIT_FRAMES; count += 1) {
      const chain = queue.take();
      if (chain === undefined) return;
      if (chain.readableLength < header) {
        queue.broken = `a packet of ${String(chain.readableLength)} bytes, less than its header`;
        return;
      }
      const isFrame = chain.readableLength - header <= MAX_FRAME_BYTES;
      const frame = isFrame ? queue.read(chain, header) : undefined;
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
