/** How a user-mode network is laid out, and what the guest may reach: the addresses are those of QEMU's. */
import { hostIn, parseSubnet, type Subnet } from "./addresses.js";
import type { ReachRule } from "./reach.js";
import type { HostEndpoint } from "./router-host.js";

/** A port of the host that leads to one of the guest's. */
export interface PortForward {
  readonly protocol: "tcp" | "udp";
  readonly from: HostEndpoint;
  readonly to: HostEndpoint;
}

export interface RouterOptions {
  /** Default: 10.0.2.0/24. */
  readonly net?: Subnet;
  /** Where the guest finds the host: what it sends there goes to the host's loopback, if that is allowed. Default: the subnet's second address. */
  readonly host?: string;
  /** Where the guest finds its name server. Default: the third. */
  readonly dns?: string;
  /** The first address that is leased. Default: the 15th. */
  readonly dhcpStart?: string;
  /** The name that the guest is given with its lease. */
  readonly hostname?: string;
  /** False: the guest reaches everything that the host does. Default: true. */
  readonly restrict?: boolean;
  /** What it reaches nevertheless, by the host's own addresses. */
  readonly allow?: readonly ReachRule[];
  /** The name server that questions are passed to. Default: none; they are refused. */
  readonly resolver?: HostEndpoint;
  readonly forwards?: readonly PortForward[];
  /** The folder on the host whose files the guest may read by TFTP. Default: none; it is told that it may not. */
  readonly tftp?: string;
  /** The file that the guest is told to boot from, with its lease; at most 127 bytes. */
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
