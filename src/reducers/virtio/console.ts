/** The console device (virtio 1.2 §5.3) as its driver sees it: one port. */
import * as t from "io-ts";

import type { EventTable } from "../event-table.js";
import { Bytes, U8 } from "../scalars.js";
import type { VirtioDevice } from "./device.js";

const ConsoleState = t.readonly(
  t.type({
    kind: t.literal("console"),
    /** Input that waits for the guest to offer buffers. */
    received: Bytes,
  }),
);
type ConsoleState = t.TypeOf<typeof ConsoleState>;

const EVENTS = {
  /** Bytes reached a virtio console's receive queue. */
  "virtioConsole/bytesReceived": { wireId: 8, origin: "input", payload: { slot: U8, bytes: Bytes } },
} as const satisfies EventTable;

export const console: VirtioDevice<"console", "console", ConsoleState, typeof EVENTS> = {
  kind: "console",
  id: 3,
  config: t.literal("console"),
  state: ConsoleState,
  initialState: () => ({ kind: "console", received: new Uint8Array(0) }),
  events: EVENTS,
  queues: 2,
  features: () => 0n,
  // Input that no driver has taken yet survives the reset.
  afterReset: (state) => state,
};
