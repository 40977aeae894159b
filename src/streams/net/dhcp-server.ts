/** Leases addresses to the guest (RFC 2131 §4.3). */
import { Alarm } from "./alarm.js";
import { ANY_ADDRESS, broadcastOf, ipv4At, ipv4Bytes, ipv4Number, ipv4Of, isWithin, netmask } from "./addresses.js";
import type { Clock } from "./clock.js";
import { DHCP_OPTION, DHCP_TYPE, dhcpReply, parseDhcp, type DhcpReply, type DhcpRequest } from "./dhcp-message.js";
import type { RouterLayout } from "./router-options.js";

/** One day, as in QEMU. */
const LEASE_SECONDS = 86_400;
/** How long an address stays reserved for an offer that the client has not accepted. */
const OFFER_SECONDS = 60;
/**
 * The limit on leases, for a subnet of any size. Otherwise a guest could make up hardware addresses and lease one for
 * each.
 */
export const MAX_LEASES = 64;

interface Lease {
  readonly mac: string;
  readonly expiry: Alarm;
}

export class DhcpServer {
  private readonly leases = new Map<string, Lease>();

  constructor(
    private readonly layout: RouterLayout,
    private readonly clock: Clock,
  ) {}

  /** Returns the answer to a client's message. Returns undefined if there is none. */
  answer(message: Uint8Array): Uint8Array | undefined {
    const request = parseDhcp(message);
    switch (request?.type) {
      case DHCP_TYPE.discover:
        return this.offer(request);
      case DHCP_TYPE.request:
        return this.confirm(request);
      case DHCP_TYPE.inform:
        return this.reply(request, DHCP_TYPE.ack, ANY_ADDRESS);
      case DHCP_TYPE.release:
        if (this.leases.get(request.clientAddress)?.mac === request.clientMac) this.release(request.clientAddress);
        return undefined;
      default:
        return undefined;
    }
  }

  stop(): void {
    for (const address of [...this.leases.keys()]) this.release(address);
  }

  private offer(request: DhcpRequest): Uint8Array | undefined {
    if (!this.hasRoomFor(request.clientMac)) return undefined;
    const wanted = requestedAddress(request);
    const address =
      wanted !== undefined && this.isFreeFor(wanted, request.clientMac) ? wanted : this.addressFor(request.clientMac);
    if (address === undefined) return undefined;
    this.lease(address, request.clientMac, OFFER_SECONDS);
    return this.reply(request, DHCP_TYPE.offer, address, LEASE_SECONDS);
  }

  private confirm(request: DhcpRequest): Uint8Array | undefined {
    const server = request.options.get(DHCP_OPTION.serverIdentifier);
    // The client accepted another server's offer.
    if (server?.length === 4 && ipv4At(server, 0) !== this.layout.host) return undefined;
    const address = requestedAddress(request) ?? request.clientAddress;
    // A router that has just started knows no leases. A client may keep its address if nobody else has it.
    if (!this.hasRoomFor(request.clientMac) || !this.isFreeFor(address, request.clientMac))
      return this.reply(request, DHCP_TYPE.nak, ANY_ADDRESS);
    this.lease(address, request.clientMac, LEASE_SECONDS);
    return this.reply(request, DHCP_TYPE.ack, address, LEASE_SECONDS);
  }

  private addressFor(mac: string): string | undefined {
    for (const [address, lease] of this.leases) if (lease.mac === mac) return address;
    const first = ipv4Number(this.layout.dhcpStart);
    for (let candidate = first; isWithin(this.layout.net, ipv4Of(candidate)); candidate += 1) {
      if (this.isFreeFor(ipv4Of(candidate), mac)) return ipv4Of(candidate);
    }
    return undefined;
  }

  private isFreeFor(address: string, mac: string): boolean {
    const { net, host, dns, dhcpStart } = this.layout;
    const isLeasable =
      isWithin(net, address) &&
      ipv4Number(address) >= ipv4Number(dhcpStart) &&
      ![host, dns, broadcastOf(net)].includes(address);
    return isLeasable && (this.leases.get(address)?.mac ?? mac) === mac;
  }

  private hasRoomFor(mac: string): boolean {
    return this.leases.size < MAX_LEASES || [...this.leases.values()].some((lease) => lease.mac === mac);
  }

  private lease(address: string, mac: string, seconds: number): void {
    for (const [old, lease] of this.leases) if (lease.mac === mac) this.release(old);
    const expiry = new Alarm(this.clock, () => this.leases.delete(address));
    expiry.set(seconds * 1000);
    this.leases.set(address, { mac, expiry });
  }

  private release(address: string): void {
    this.leases.get(address)?.expiry.clear();
    this.leases.delete(address);
  }

  private reply(request: DhcpRequest, type: number, address: string, leaseSeconds?: number): Uint8Array {
    const { net, host: server, dns, hostname, bootFile } = this.layout;
    const identity = [
      [DHCP_OPTION.messageType, Uint8Array.of(type)],
      [DHCP_OPTION.serverIdentifier, ipv4Bytes(server)],
    ] as const;
    if (type === DHCP_TYPE.nak) return dhcpReply(request, { leased: ANY_ADDRESS, server, options: identity });
    const options: DhcpReply["options"] = [
      ...identity,
      ...(leaseSeconds === undefined ? [] : [[DHCP_OPTION.leaseTime, bigEndian(leaseSeconds)] as const]),
      [DHCP_OPTION.subnetMask, ipv4Bytes(netmask(net))],
      [DHCP_OPTION.router, ipv4Bytes(server)],
      [DHCP_OPTION.domainNameServer, ipv4Bytes(dns)],
      ...(hostname === undefined ? [] : [[DHCP_OPTION.hostName, new TextEncoder().encode(hostname)] as const]),
    ];
    return dhcpReply(request, { leased: address, server, bootFile, options });
  }
}

const requestedAddress = ({ options }: DhcpRequest): string | undefined => {
  const value = options.get(DHCP_OPTION.requestedAddress);
  return value?.length === 4 ? ipv4At(value, 0) : undefined;
};

const bigEndian = (value: number): Uint8Array => ipv4Bytes(ipv4Of(value));
