/** The layout of a user-mode network, and what the guest may reach. The default addresses are QEMU's. */
import { hostIn, parseSubnet, type Subnet } from "./addresses.js";
import type { ReachRule } from "./reach.js";
import type { HostEndpoint } from "./router-host.js";

/** Forwards a port of the host to a port of the guest. */
export interface PortForward {
  readonly protocol: "tcp" | "udp";
  readonly from: HostEndpoint;
  readonly to: HostEndpoint;
}

export interface RouterOptions {
  /** Default: 10.0.2.0/24. */
  readonly net?: Subnet;
  /**
   * The host's address for the guest. What the guest sends there goes to the host's loopback, if that is allowed.
   * Default: the subnet's second address.
   */
  readonly host?: string;
  /** The name server's address for the guest. Default: the subnet's third address. */
  readonly dns?: string;
  /** The first address to lease. Default: the subnet's 15th address. */
  readonly dhcpStart?: string;
  /** The name that the guest gets with its lease. */
  readonly hostname?: string;
  /** False: the guest reaches everything that the host reaches. Default: true. */
  readonly restrict?: boolean;
  /** Exceptions to `restrict`, as addresses of the host's network. */
  readonly allow?: readonly ReachRule[];
  /** The name server that gets the guest's questions. Default: none, and questions are refused. */
  readonly resolver?: HostEndpoint;
  readonly forwards?: readonly PortForward[];
  /** The folder on the host whose files the guest may read by TFTP. Default: none, and requests are refused. */
  readonly tftp?: string;
  /** The file to boot from, which the guest gets with its lease. At most 127 bytes. */
  readonly bootFile?: string;
}

/** The same with all defaults filled in. */
export interface RouterLayout {
  readonly net: Subnet;
  readonly host: string;
  readonly dns: string;
  readonly dhcpStart: string;
  readonly hostname: string | undefined;
  readonly bootFile: string | undefined;
}

export const layoutOf = ({ net = DEFAULT_NET, host, dns, dhcpStart, ...names }: RouterOptions): RouterLayout => ({
  net,
  host: host ?? hostIn(net, 2),
  dns: dns ?? hostIn(net, 3),
  dhcpStart: dhcpStart ?? hostIn(net, 15),
  hostname: names.hostname,
  bootFile: names.bootFile,
});

const DEFAULT_NET = parseSubnet("10.0.2.0/24") ?? { address: "10.0.2.0", bits: 24 };
