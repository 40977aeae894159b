/** What a network card may be plugged into, as options name it. */
import type { SchedulerLike } from "rxjs";

import { router } from "../host/net/router.js";
import { streamSocket, type StreamSocketOptions } from "../host/net/stream-socket.js";
import type { Wire } from "../live/wire.js";
import type { RouterOptions } from "../net/router-options.js";

/** What it takes to read them from text. */
export { isAddress, parseSubnet } from "../net/addresses.js";
export { BOOT_FILE_BYTES } from "../net/dhcp-message.js";
export { parseReachRule } from "../net/reach.js";
export type { HostEndpoint } from "../net/router-host.js";
export { layoutOf, type PortForward } from "../net/router-options.js";

export type NetworkOptions =
  ({ readonly type: "user" } & RouterOptions) | ({ readonly type: "stream" } & Omit<StreamSocketOptions, "report">);

/** The wire; its timers run on `scheduler`, and `report` is told what a user should know. */
export const wireOf = (options: NetworkOptions, scheduler: SchedulerLike, report: (message: string) => void): Wire => {
  if (options.type === "stream") {
    const { type: _stream, ...socket } = options;
    return streamSocket({ ...socket, report }, scheduler);
  }
  const { type: _user, ...routing } = options;
  return router(routing, scheduler, report);
};
