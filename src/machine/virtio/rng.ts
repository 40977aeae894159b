/** Serves the entropy device (virtio 1.2 §5.4): the host fills the driver's buffers, one chain at a time. */
import type { Step } from "../../reducers/device.js";
import { NO_EFFECTS } from "../../reducers/effect.js";
import { reduce, type VirtioState } from "../../reducers/virtio/virtio.js";
import type { GuestMemory } from "./guest-memory.js";
import { serve, type SlotWith, type VirtioService } from "./service.js";

const REQUEST_QUEUE = 0;
/** The most bytes asked for at once. A driver must accept less than it offered (§5.4.6.1). */
const MAX_REQUEST_BYTES = 65_536;

export const rng: VirtioService<"rng"> = {
  handleQueue: (memory, state) => request(memory, state),
  canTake: () => true,
  handleInput: (memory, state, event) => {
    if (state.device.requestedLength === 0) return [state, NO_EFFECTS];
    const answered = setRequested(state, 0);
    const filled = serve(memory, answered, REQUEST_QUEUE, (queue) => {
      const chain = queue.take();
      if (chain === undefined) return;
      queue.giveBack(
        chain,
        queue.write(chain, event.bytes.subarray(0, MAX_REQUEST_BYTES), { kind: "message", offset: 0 }),
      );
    });
    return request(memory, filled);
  },
};

/** Asks for as much entropy as the next chain has room for, unless an answer is outstanding. */
const request = (memory: GuestMemory, state: SlotWith<"rng">): Step<VirtioState> => {
  if (state.device.requestedLength !== 0) return [state, NO_EFFECTS];
  let length = 0;
  const served = serve(memory, state, REQUEST_QUEUE, (queue) => {
    for (let chain = queue.peek(); chain !== undefined && length === 0; chain = queue.peek()) {
      length = Math.min(chain.writableLength, MAX_REQUEST_BYTES);
      // An empty buffer: §5.4.6.1 forbids it, and waiting for its answer would stop the queue.
      if (length === 0 && queue.take() !== undefined) queue.giveBack(chain, 0);
    }
  });
  if (length === 0) return [served, NO_EFFECTS];
  return [setRequested(served, length), [{ type: "entropy/requested", slot: state.slot, length }]];
};

const setRequested = (state: SlotWith<"rng">, requestedLength: number): SlotWith<"rng"> => {
  const device = { kind: "rng", requestedLength } as const;
  return { ...reduce(state, { type: "virtio/deviceChanged", device }), device };
};
