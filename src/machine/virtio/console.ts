/** Serves the console device (virtio 1.2 §5.3) with its one port: bytes in queue 0, bytes out of queue 1. */
import type { Step } from "../../reducers/device.js";
import { NO_EFFECTS } from "../../reducers/effect.js";
import { queueBottomHalf, reduce, type VirtioState } from "../../reducers/virtio/virtio.js";
import { concatenated } from "../../reducers/concatenated.js";
import type { GuestMemory } from "./guest-memory.js";
import type { SplitQueue } from "./queue.js";
import { serve, type SlotWith, type VirtioService } from "./service.js";

const RECEIVE_QUEUE = 0;
const TRANSMIT_QUEUE = 1;
const MAX_RECEIVED_BYTES = 4096;
/** The most bytes sent at once. The rest waits for another bottom half, so that no guest can hold up the machine. */
const MAX_TRANSMIT_BYTES = 1 << 20;
/** The largest chain. No driver writes so much at once, so a driver that does is broken. */
const MAX_CHAIN_BYTES = 16 << 20;

export const console: VirtioService<"console"> = {
  handleQueue: (memory, state, queue) => {
    if (queue === TRANSMIT_QUEUE) return transmit(memory, state);
    return queue === RECEIVE_QUEUE ? receive(memory, state) : [state, NO_EFFECTS];
  },
  canTake: (_, state, { bytes }) => bytes.length <= receiveRoom(state),
  handleInput: (memory, state, event) =>
    receive(
      memory,
      withReceived(state, concatenated([state.device.received, event.bytes.subarray(0, receiveRoom(state))])),
      state.device.received.length,
    ),
};

/** How many bytes of input fit before the guest takes them. The host holds back the rest, or it is lost. */
const receiveRoom = ({ device }: SlotWith<"console">): number => MAX_RECEIVED_BYTES - device.received.length;

/** Moves waiting input into the buffers that the driver offers. `earlier`: how much of it waited before this event. */
const receive = (
  memory: GuestMemory,
  state: SlotWith<"console">,
  earlier = state.device.received.length,
): Step<VirtioState> => {
  if (state.device.received.length === 0) return [state, NO_EFFECTS];
  let rest = state.device.received;
  let offset = -earlier;
  const served = serve(memory, state, RECEIVE_QUEUE, (queue) => {
    while (rest.length > 0) {
      const chain = queue.take();
      if (chain === undefined) break;
      const written = queue.write(chain, rest, { kind: "stream", offset });
      queue.giveBack(chain, written);
      rest = rest.subarray(written);
      offset += written;
    }
  });
  if (rest.length === state.device.received.length) return [served, NO_EFFECTS];
  // A copy: a view would keep all earlier input alive.
  return [withReceived(served, rest.slice()), NO_EFFECTS];
};

const withReceived = (state: SlotWith<"console">, received: Uint8Array): SlotWith<"console"> => {
  const device = { kind: "console", received } as const;
  return { ...reduce(state, { type: "virtio/deviceChanged", device }), device };
};

const transmit = (memory: GuestMemory, state: VirtioState): Step<VirtioState> => {
  const sent: Uint8Array[] = [];
  let more = false;
  const served = serve(memory, state, TRANSMIT_QUEUE, (queue) => {
    let length = 0;
    while (length < MAX_TRANSMIT_BYTES) {
      const bytes = transmitChain(queue);
      if (bytes === undefined) return;
      sent.push(bytes);
      length += bytes.length;
    }
    more = queue.peek() !== undefined;
  });
  const bytes = concatenated(sent);
  return [
    served,
    [
      ...(bytes.length > 0
        ? [{ type: "console/transmitted", port: "virtioConsole", slot: state.slot, bytes } as const]
        : []),
      ...(more ? [{ type: "bottomHalf/scheduled", id: queueBottomHalf(state.slot, TRANSMIT_QUEUE) } as const] : []),
    ],
  ];
};

/** Takes and returns the next chain. The result is its bytes; undefined when there is none. */
const transmitChain = (queue: SplitQueue): Uint8Array | undefined => {
  const chain = queue.take();
  if (chain === undefined) return undefined;
  if (chain.readableLength > MAX_CHAIN_BYTES) {
    queue.broken = `a console write of ${String(chain.readableLength)} bytes`;
    return undefined;
  }
  const bytes = queue.read(chain);
  queue.giveBack(chain, 0);
  return queue.broken === undefined ? bytes : undefined;
};
