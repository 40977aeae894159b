/** Where on the host the guest's destinations are, as far as it may go there. */
import { isUnicast, isWithin } from "./addresses.js";
import { isAllowed } from "./reach.js";
import type { HostEndpoint } from "./router-host.js";
import type { RouterLayout, RouterOptions } from "./router-options.js";

const LOOPBACK = "127.0.0.1";

/** Undefined: the guest may not go there. */
export const placeOnHost = (
  { restrict = true, allow = [] }: Pick<RouterOptions, "restrict" | "allow">,
  { net, host }: RouterLayout,
  protocol: "tcp" | "udp",
  destination: string,
  port: number,
): HostEndpoint | undefined => {
  // RFC 6335 §6: reserved; nobody is ever there.
  if (port === 0) return undefined;
  const isInside = isWithin(net, destination);
  // The host may be in a subnet of the same numbers: of those, the guest reaches none by this way.
  if (isInside && destination !== host) return undefined;
  // The host's loopback has one name for the guest: an address of its own would never come here.
  if (!isInside && !isUnicast(destination)) return undefined;
  const address = isInside ? LOOPBACK : destination;
  return !restrict || isAllowed(allow, protocol, address, port) ? { address, port } : undefined;
};
