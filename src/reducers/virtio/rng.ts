/** The entropy device (virtio 1.2 §5.4) as its driver sees it. */
import * as t from "io-ts";

import { NO_EFFECTS } from "../effect.js";
import type { EventTable } from "../event-table.js";
import { Bytes, U32, U8 } from "../scalars.js";
import type { VirtioDevice } from "./device.js";

const RngState = t.readonly(
  t.type({
    kind: t.literal("rng"),
    /** The bytes of entropy that the host was asked for and has not provided yet. */
    requestedLength: U32,
  }),
);
type RngState = t.TypeOf<typeof RngState>;

const EVENTS = {
  /** The host answered a guest's request for entropy. */
  "virtioRng/entropyProvided": { wireId: 7, origin: "input", payload: { slot: U8, bytes: Bytes } },
} as const satisfies EventTable;

export const rng: VirtioDevice<"rng", "rng", RngState, typeof EVENTS> = {
  kind: "rng",
  id: 4,
  config: t.literal("rng"),
  state: RngState,
  initialState: () => ({ kind: "rng", requestedLength: 0 }),
  events: EVENTS,
  queues: 1,
  features: () => 0n,
  afterReset: () => ({ kind: "rng", requestedLength: 0 }),
  outstanding: ({ requestedLength }, slot) =>
    requestedLength > 0 ? [{ type: "entropy/requested", slot, length: requestedLength }] : NO_EFFECTS,
};
