/** Translates the guest's destinations to addresses on the host, if the guest may reach them. */
import { isUnicast, isWithin } from "./addresses.js";
import { isAllowed } from "./reach.js";
import type { HostEndpoint } from "./router-host.js";
import type { RouterLayout, RouterOptions } from "./router-options.js";

const LOOPBACK = "127.0.0.1";

/** Returns undefined if the guest may not reach the destination. */
export const placeOnHost = (
  { restrict = true, allow = [] }: Pick<RouterOptions, "restrict" | "allow">,
  { net, host }: RouterLayout,
  protocol: "tcp" | "udp",
  destination: string,
  port: number,
): HostEndpoint | undefined => {
  // RFC 6335 §6: port 0 is reserved, so nothing listens there.
  if (port === 0) return undefined;
  const isInside = isWithin(net, destination);
  // The host may be in a subnet with the same numbers. The guest reaches none of those addresses.
  if (isInside && destination !== host) return undefined;
  // The guest reaches the host's loopback by one address only. The guest itself would handle any 127.x address.
  if (!isInside && !isUnicast(destination)) return undefined;
  const address = isInside ? LOOPBACK : destination;
  return !restrict || isAllowed(allow, protocol, address, port) ? { address, port } : undefined;
};
