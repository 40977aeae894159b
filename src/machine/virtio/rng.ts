/** The entropy device (virtio 1.2 §5.4): the host fills the driver's buffers, one chain at a time. */
import type { Effect } from "../../reducers/device.js";
import { reduce, type VirtioState } from "../../reducers/virtio.js";
import { serve, type VirtioDevice, type VirtioResult } from "./device.js";
import type { GuestMemory } from "./guest-memory.js";

const REQUEST_QUEUE = 0;
/** Asked for at once: a driver takes less than it offered as it comes (§5.4.6.1). */
const MAX_REQUEST_BYTES = 65_536;
const NO_EFFECTS: readonly Effect[] = [];

export const rng: VirtioDevice = {
  handleQueue: (memory, state) => request(memory, state),
  handleInput: (memory, state, event) => {
    if (event.type !== "virtioRng/entropyProvided" || state.device.kind !== "rng" || state.device.requestedLength === 0)
      return { state, effects: NO_EFFECTS };
    const answered = setRequested(state, 0);
    const filled = serve(memory, answered, REQUEST_QUEUE, (queue) => {
      const chain = queue.take();
      if (chain !== undefined) queue.giveBack(chain, queue.write(chain, event.bytes.subarray(0, MAX_REQUEST_BYTES)));
    });
    return request(memory, filled);
  },
};

/** Asks for the entropy that the next chain has room for, unless an answer is still to come. */
const request = (memory: GuestMemory, state: VirtioState): VirtioResult => {
  if (state.device.kind !== "rng" || state.device.requestedLength !== 0) return { state, effects: NO_EFFECTS };
  let length = 0;
  const served = serve(memory, state, REQUEST_QUEUE, (queue) => {
    for (let chain = queue.peek(); chain !== undefined && length === 0; chain = queue.peek()) {
      length = Math.min(chain.writableLength, MAX_REQUEST_BYTES);
      // Nothing to fill: §5.4.6.1 forbids it, and waiting for it would stop the queue.
      if (length === 0 && queue.take() !== undefined) queue.giveBack(chain, 0);
    }
  });
  if (length === 0) return { state: served, effects: NO_EFFECTS };
  return {
    state: setRequested(served, length),
    effects: [{ type: "entropy/requested", slot: state.slot, length }],
  };
};

const setRequested = (state: VirtioState, requestedLength: number): VirtioState =>
  reduce(state, { type: "virtio/deviceChanged", device: { kind: "rng", requestedLength } });
