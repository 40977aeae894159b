/**
 * A router in this process: the guest's whole network, as QEMU's user-mode network is. It lies outside the guest: what it
 * sends becomes events, and a replay has no need of it.
 */
import { Observable, type SchedulerLike } from "rxjs";

import { ANY_ADDRESS, BROADCAST_ADDRESS, BROADCAST_MAC, broadcastOf, isWithin } from "./addresses.js";
import { ARP_REPLY, ARP_REQUEST, arpPacket, parseArp } from "./arp.js";
import { DHCP_CLIENT_PORT, DHCP_SERVER_PORT } from "./dhcp-message.js";
import { DhcpServer } from "./dhcp-server.js";
import { DnsRelay } from "./dns-relay.js";
import { ETHER_TYPE, ethernetFrame, parseEthernet } from "./ethernet.js";
import { echoReply, UNREACHABLE, unreachable } from "./icmp.js";
import { ipv4Packets, parseIpv4, PROTOCOL, type Ipv4Packet } from "./ipv4.js";
import { Neighbours } from "./neighbours.js";
import { isAllowed } from "./reach.js";
import { Reassembly } from "./reassembly.js";
import {
  layoutOf,
  type HostEndpoint,
  type PortForward,
  type RouterLayout,
  type RouterOptions,
} from "./router-options.js";
import { TcpRelay } from "./tcp-relay.js";
import { parseTcp, tcpPacket } from "./tcp-segment.js";
import { parseUdp, udpPacket, type UdpDatagram } from "./udp.js";
import { UdpForward } from "./udp-forward.js";
import { UdpRelay } from "./udp-relay.js";
import type { FromWire, Wire } from "./wire.js";

/** Its timers run on `scheduler`. The stream fails where a forward's port can't be had. */
export const router =
  (options: RouterOptions, scheduler: SchedulerLike): Wire =>
  ({ frames$ }) =>
    new Observable<FromWire>((subscriber) => {
      const running = new Router(
        options,
        scheduler,
        (frame) => {
          subscriber.next({ type: "frame", frame });
        },
        (fault) => {
          subscriber.error(fault);
        },
      );
      subscriber.add(() => {
        running.stop();
      });
      subscriber.add(
        frames$.subscribe((frame) => {
          running.frameArrived(frame);
        }),
      );
    });

/** The host's port of a forward is taken, or may not be opened. */
export class ForwardError extends Error {
  override readonly name = "ForwardError";
  readonly code = "CANNOT_LISTEN";
}

/** As QEMU's: its own address's last two bytes are those of 10.0.2.2. */
const ROUTER_MAC = "52:55:0a:00:02:02";
const DNS_PORT = 53;
const LOOPBACK = "127.0.0.1";
/** Where each UDP forward has the ports of its peers: RFC 6335 §6, a range each. */
const FIRST_PEER_PORT = 49_152;
const PEER_PORTS = 512;

class Router {
  private readonly layout: RouterLayout;
  private readonly dhcp: DhcpServer;
  private readonly dns: DnsRelay;
  private readonly neighbours: Neighbours;
  private readonly reassembly: Reassembly;
  private readonly udp: UdpRelay;
  private readonly udpForwards: readonly UdpForward[];
  private readonly tcp: TcpRelay;
  private identification = 0;

  constructor(
    private readonly options: RouterOptions,
    scheduler: SchedulerLike,
    private readonly transmit: (frame: Uint8Array) => void,
    fail: (fault: Error) => void,
  ) {
    this.layout = layoutOf(options);
    this.dhcp = new DhcpServer(this.layout, scheduler);
    this.dns = new DnsRelay(scheduler, options.resolver);
    this.reassembly = new Reassembly(scheduler);
    this.neighbours = new Neighbours(
      scheduler,
      (address) => {
        this.sendArp(ARP_REQUEST, this.layout.host, BROADCAST_MAC, address);
      },
      (mac, packet) => {
        this.sendFrame(mac, ETHER_TYPE.ipv4, packet);
      },
    );
    this.udp = new UdpRelay(scheduler, (datagram) => {
      this.sendUdp(datagram);
    });
    this.tcp = new TcpRelay(scheduler, ({ guest, remote }, segment) => {
      this.sendIpv4(tcpPacket(remote, guest, segment));
    });
    const { forwards = [] } = options;
    this.udpForwards = forwards
      .filter(({ protocol }) => protocol === "udp")
      .map((forward, index) => this.forwardUdp(scheduler, forward, index, fail));
    for (const forward of forwards) {
      if (forward.protocol === "tcp") this.tcp.listen(forward, this.layout.host, failure(forward, fail));
    }
  }

  frameArrived(bytes: Uint8Array): void {
    const frame = parseEthernet(bytes);
    if (frame === undefined) return;
    if (frame.etherType === ETHER_TYPE.arp) this.arpArrived(frame.payload);
    if (frame.etherType !== ETHER_TYPE.ipv4) return;
    if (frame.destination !== ROUTER_MAC && frame.destination !== BROADCAST_MAC) return;
    const fragment = parseIpv4(frame.payload);
    const packet = fragment === undefined ? undefined : this.reassembly.add(fragment);
    if (packet === undefined) return;
    if (isWithin(this.layout.net, packet.source)) this.neighbours.learn(packet.source, frame.source);
    this.packetArrived(packet, frame.source);
  }

  stop(): void {
    this.dhcp.stop();
    this.dns.stop();
    this.reassembly.stop();
    this.neighbours.stop();
    this.udp.stop();
    for (const forward of this.udpForwards) forward.stop();
    this.tcp.stop();
  }

  private packetArrived(packet: Ipv4Packet, mac: string): void {
    switch (packet.protocol) {
      case PROTOCOL.icmp:
        this.icmpArrived(packet);
        break;
      case PROTOCOL.udp:
        this.udpArrived(packet, mac);
        break;
      case PROTOCOL.tcp:
        this.tcpArrived(packet);
        break;
      default:
        this.reject(packet, UNREACHABLE.prohibited);
    }
  }

  private arpArrived(payload: Uint8Array): void {
    const arp = parseArp(payload);
    if (arp === undefined) return;
    const { host, dns, net } = this.layout;
    if (isWithin(net, arp.senderAddress)) this.neighbours.learn(arp.senderAddress, arp.senderMac);
    if (arp.operation !== ARP_REQUEST || (arp.targetAddress !== host && arp.targetAddress !== dns)) return;
    this.sendArp(ARP_REPLY, arp.targetAddress, arp.senderMac, arp.senderAddress);
  }

  /** The router answers for itself; a process can't pass an echo on without being privileged. */
  private icmpArrived(packet: Ipv4Packet): void {
    if (!this.isRouter(packet.destination)) {
      this.reject(packet, UNREACHABLE.prohibited);
      return;
    }
    const payload = echoReply(packet.payload);
    const { source, destination } = packet;
    if (payload !== undefined)
      this.sendIpv4({ source: destination, destination: source, protocol: PROTOCOL.icmp, payload });
  }

  private udpArrived(packet: Ipv4Packet, mac: string): void {
    const datagram = parseUdp(packet);
    if (datagram === undefined) return;
    const { destination, destinationPort, payload } = datagram;
    if (destinationPort === DHCP_SERVER_PORT && (this.isBroadcast(destination) || this.isRouter(destination))) {
      this.dhcpArrived(datagram, mac);
    } else if (destination === this.layout.dns && destinationPort === DNS_PORT) {
      this.dns.ask(payload, (bytes) => {
        this.sendUdp(answerTo(datagram, bytes));
      });
    } else if (destination === this.layout.host && this.answersForward(datagram)) {
      return;
    } else if (!this.isBroadcast(destination)) {
      const target = this.reachable("udp", destination, destinationPort);
      if (target !== undefined) this.udp.send(datagram, target);
      else this.reject(packet, this.isRouter(destination) ? UNREACHABLE.port : UNREACHABLE.prohibited);
    }
  }

  private dhcpArrived({ payload, source }: UdpDatagram, mac: string): void {
    const bytes = this.dhcp.answer(payload);
    if (bytes === undefined) return;
    const isUnaddressed = source === ANY_ADDRESS;
    const reply = udpPacket({
      source: this.layout.host,
      sourcePort: DHCP_SERVER_PORT,
      destination: isUnaddressed ? BROADCAST_ADDRESS : source,
      destinationPort: DHCP_CLIENT_PORT,
      payload: bytes,
    });
    for (const packet of ipv4Packets(reply))
      this.sendFrame(isUnaddressed ? BROADCAST_MAC : mac, ETHER_TYPE.ipv4, packet);
  }

  private answersForward({ destinationPort, payload }: UdpDatagram): boolean {
    return this.udpForwards.some((forward) => forward.answer(destinationPort, payload));
  }

  private tcpArrived(packet: Ipv4Packet): void {
    const segment = parseTcp(packet);
    if (segment === undefined || this.isBroadcast(packet.destination)) return;
    const { source, destination } = packet;
    const isDns = destination === this.layout.dns && segment.destinationPort === DNS_PORT;
    const target = isDns ? this.options.resolver : this.reachable("tcp", destination, segment.destinationPort);
    this.tcp.segmentArrived({ guest: source, remote: destination }, segment, target);
  }

  /** Where on the host the guest's destination is; undefined: it may not go there. */
  private reachable(protocol: "tcp" | "udp", destination: string, port: number): HostEndpoint | undefined {
    const { restrict = true, allow = [] } = this.options;
    const isInside = isWithin(this.layout.net, destination);
    if (isInside && destination !== this.layout.host) return undefined;
    // The host's loopback has one name for the guest: an address of its own would never come here.
    const address = isInside ? LOOPBACK : destination;
    if (!isInside && !isUnicast(destination)) return undefined;
    return !restrict || isAllowed(allow, protocol, address, port) ? { address, port } : undefined;
  }

  private forwardUdp(
    scheduler: SchedulerLike,
    forward: PortForward,
    index: number,
    fail: (fault: Error) => void,
  ): UdpForward {
    const toGuest = (payload: Uint8Array, sourcePort: number): void => {
      const { address: destination, port: destinationPort } = forward.to;
      this.sendUdp({ source: this.layout.host, sourcePort, destination, destinationPort, payload });
    };
    return new UdpForward(scheduler, forward, FIRST_PEER_PORT + index * PEER_PORTS, toGuest, failure(forward, fail));
  }

  private isRouter(address: string): boolean {
    return address === this.layout.host || address === this.layout.dns;
  }

  private isBroadcast(address: string): boolean {
    return address === BROADCAST_ADDRESS || address === broadcastOf(this.layout.net);
  }

  /** RFC 1122 §3.2.2: nobody is told of a broadcast that went nowhere. */
  private reject({ source, destination, beginning }: Ipv4Packet, code: number): void {
    if (beginning === undefined || this.isBroadcast(destination) || !isWithin(this.layout.net, source)) return;
    if (!isUnicast(destination)) return;
    const payload = unreachable(code, beginning);
    this.sendIpv4({ source: this.layout.host, destination: source, protocol: PROTOCOL.icmp, payload });
  }

  private sendUdp(datagram: UdpDatagram): void {
    this.sendIpv4(udpPacket(datagram));
  }

  private sendIpv4(packet: Ipv4Packet): void {
    this.identification = (this.identification + 1) & 0xffff;
    for (const bytes of ipv4Packets({ ...packet, identification: this.identification })) {
      this.neighbours.send(packet.destination, bytes);
    }
  }

  private sendArp(operation: number, senderAddress: string, mac: string, targetAddress: string): void {
    const targetMac = operation === ARP_REQUEST ? "00:00:00:00:00:00" : mac;
    const payload = arpPacket({ operation, senderMac: ROUTER_MAC, senderAddress, targetMac, targetAddress });
    this.sendFrame(mac, ETHER_TYPE.arp, payload);
  }

  private sendFrame(destination: string, etherType: number, payload: Uint8Array): void {
    this.transmit(ethernetFrame({ destination, source: ROUTER_MAC, etherType, payload }));
  }
}

/** Neither multicast, nor reserved, nor this network, nor a loopback. */
const isUnicast = (address: string): boolean => {
  const first = Number(address.split(".", 1)[0]);
  return first > 0 && first < 224 && first !== 127;
};

const answerTo = (question: UdpDatagram, payload: Uint8Array): UdpDatagram => ({
  source: question.destination,
  sourcePort: question.destinationPort,
  destination: question.source,
  destinationPort: question.sourcePort,
  payload,
});

const failure =
  ({ protocol, from }: PortForward, fail: (fault: Error) => void) =>
  ({ message }: Error): void => {
    fail(
      new ForwardError(
        `hostfwd=${protocol}:${from.address}:${String(from.port)}: the port can't be opened (${message}); name another one`,
      ),
    );
  };
