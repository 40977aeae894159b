/** An empty slot: device ID 0 tells drivers to leave it alone (virtio 1.2 §4.2.3.1.1). */
import * as t from "io-ts";

import { NO_EVENTS, type NoEvents } from "../event-table.js";
import type { VirtioDevice } from "./device.js";

const NoneState = t.readonly(t.type({ kind: t.literal("none") }));
type NoneState = t.TypeOf<typeof NoneState>;

export const none: VirtioDevice<"none", "none", NoneState, NoEvents> = {
  kind: "none",
  id: 0,
  config: t.literal("none"),
  state: NoneState,
  initialState: () => ({ kind: "none" }),
  events: NO_EVENTS,
  queues: 0,
  features: () => 0n,
  afterReset: (state) => state,
};
