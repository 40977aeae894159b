/**
 * A router that is the guest's whole network, like QEMU's user-mode network. It takes frames from the guest and events
 * from sockets, and it sends frames to the guest and requests to the host. It is not part of the recorded machine: the
 * frames that it sends to the guest are recorded as events, so a replay does not need it.
 */
import { ANY_ADDRESS, BROADCAST_ADDRESS, BROADCAST_MAC, broadcastOf, isUnicast, isWithin } from "./addresses.js";
import { ARP_REPLY, ARP_REQUEST, arpPacket, parseArp } from "./arp.js";
import type { Clock } from "./clock.js";
import { DHCP_CLIENT_PORT, DHCP_SERVER_PORT } from "./dhcp-message.js";
import { DhcpServer } from "./dhcp-server.js";
import { DnsRelay } from "./dns-relay.js";
import { ETHER_TYPE, ethernetFrame, parseEthernet } from "./ethernet.js";
import { placeOnHost } from "./host-place.js";
import { echoReply, UNREACHABLE, unreachable } from "./icmp.js";
import { ipv4Packets, parseIpv4, PROTOCOL, type Ipv4Packet } from "./ipv4.js";
import { Neighbours } from "./neighbours.js";
import { Reassembly } from "./reassembly.js";
import type { RouterHost, SocketFault } from "./router-host.js";
import { layoutOf, type PortForward, type RouterLayout, type RouterOptions } from "./router-options.js";
import { TcpRelay } from "./tcp-relay.js";
import { parseTcp, tcpPacket } from "./tcp-segment.js";
import { TFTP_PORT } from "./tftp-message.js";
import { TftpServer } from "./tftp-server.js";
import { parseUdp, udpPacket, type UdpDatagram } from "./udp.js";
import { UdpForwards } from "./udp-forwards.js";
import { UdpRelay } from "./udp-relay.js";

/** The owner of a router. */
export interface RouterOwner {
  readonly clock: Clock;
  readonly host: RouterHost;
  /** Sends a frame to the guest. */
  transmit(frame: Uint8Array): void;
  /** The port of a forward can't be opened. */
  forwardFailed(forward: PortForward, fault: SocketFault): void;
  /** Called with what a user should know, once for each message. */
  report(message: string): void;
}

/** As in QEMU: the last bytes are those of the router's address, 10.0.2.2. */
const ROUTER_MAC = "52:55:0a:00:02:02";
const DNS_PORT = 53;

export class Router {
  private readonly layout: RouterLayout;
  private readonly dhcp: DhcpServer;
  private readonly dns: DnsRelay;
  private readonly tftp: TftpServer;
  private readonly neighbours: Neighbours;
  private readonly reassembly: Reassembly;
  private readonly udp: UdpRelay;
  private readonly udpForwards: UdpForwards;
  private readonly tcp: TcpRelay;
  private readonly reported = new Set<string>();
  private identification = 0;

  constructor(
    private readonly options: RouterOptions,
    private readonly owner: RouterOwner,
  ) {
    const { clock, host } = owner;
    this.layout = layoutOf(options);
    this.dhcp = new DhcpServer(this.layout, clock);
    this.dns = new DnsRelay(clock, host, options.resolver);
    this.tftp = new TftpServer(clock, host, options.tftp);
    this.reassembly = new Reassembly(clock);
    this.neighbours = new Neighbours(
      clock,
      (address) => {
        this.sendArp(ARP_REQUEST, this.layout.host, BROADCAST_MAC, address);
      },
      (mac, packet) => {
        this.sendFrame(mac, ETHER_TYPE.ipv4, packet);
      },
    );
    const report = this.report.bind(this);
    this.udp = new UdpRelay(clock, host, {
      toGuest: this.sendUdp.bind(this),
      unreachable: this.reject.bind(this),
      report,
    });
    this.udpForwards = new UdpForwards(clock, host, {
      toGuest: (payload, sourcePort, { address: destination, port: destinationPort }) => {
        this.sendUdp({ source: this.layout.host, sourcePort, destination, destinationPort, payload });
      },
      report,
    });
    this.tcp = new TcpRelay(clock, host, {
      toGuest: ({ guest, remote }, segment) => {
        this.sendIpv4(tcpPacket(remote, guest, segment));
      },
      report,
    });
  }

  /** Opens the ports of the forwards. */
  start(): void {
    for (const forward of this.options.forwards ?? []) {
      const failed = (fault: SocketFault): void => {
        this.owner.forwardFailed(forward, fault);
      };
      if (forward.protocol === "tcp") this.tcp.listen(forward, this.layout.host, failed);
      else this.udpForwards.listen(forward, failed);
    }
  }

  frameArrived({ buffer, byteOffset, length }: Uint8Array): void {
    // A Node Buffer's slice() shares memory. A Uint8Array's copies.
    const frame = parseEthernet(new Uint8Array(buffer, byteOffset, length));
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
    this.tftp.stop();
    this.reassembly.stop();
    this.neighbours.stop();
    this.udp.stop();
    this.udpForwards.stop();
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

  /** The router answers echo requests to itself only: a process needs privileges to pass others on. */
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
    const { destination, destinationPort } = datagram;
    if (destinationPort === DHCP_SERVER_PORT && (this.isBroadcast(destination) || this.isRouter(destination)))
      this.dhcpArrived(datagram, mac);
    else if (this.isRouter(destination) && this.isService(datagram)) return;
    else if (!this.isBroadcast(destination)) {
      const target = placeOnHost(this.options, this.layout, "udp", destination, destinationPort);
      if (target !== undefined) this.udp.send(packet, datagram, target);
      else this.reject(packet, this.isRouter(destination) ? UNREACHABLE.port : UNREACHABLE.prohibited);
    }
  }

  /** Whether the router itself handles the datagram. */
  private isService(datagram: UdpDatagram): boolean {
    const { destination, destinationPort, source, sourcePort, payload } = datagram;
    const answer = (bytes: Uint8Array): void => {
      this.sendUdp(answerTo(datagram, bytes));
    };
    if (destination === this.layout.dns) {
      if (destinationPort === DNS_PORT) this.dns.ask(payload, answer);
      return destinationPort === DNS_PORT;
    }
    if (destinationPort === TFTP_PORT) {
      this.tftp.arrived({ key: `${source}:${String(sourcePort)}`, answer }, payload);
      return true;
    }
    return this.udpForwards.answer(datagram);
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

  private tcpArrived(packet: Ipv4Packet): void {
    const segment = parseTcp(packet);
    if (segment === undefined || this.isBroadcast(packet.destination)) return;
    const { source, destination } = packet;
    const { destinationPort } = segment;
    const isDns = destination === this.layout.dns && destinationPort === DNS_PORT;
    const target = isDns
      ? this.options.resolver
      : placeOnHost(this.options, this.layout, "tcp", destination, destinationPort);
    this.tcp.segmentArrived({ guest: source, remote: destination }, segment, target);
  }

  private isRouter(address: string): boolean {
    return address === this.layout.host || address === this.layout.dns;
  }

  private isBroadcast(address: string): boolean {
    return address === BROADCAST_ADDRESS || address === broadcastOf(this.layout.net);
  }

  /** RFC 1122 §3.2.2: a broadcast never causes an ICMP error. */
  private reject({ source, destination, beginning }: Ipv4Packet, code: number): void {
    if (beginning === undefined || this.isBroadcast(destination) || !isWithin(this.layout.net, source)) return;
    if (!isUnicast(destination)) return;
    const payload = unreachable(code, beginning);
    this.sendIpv4({ source: this.layout.host, destination: source, protocol: PROTOCOL.icmp, payload });
  }

  private report(message: string): void {
    if (this.reported.has(message) || this.reported.size >= MAX_REPORTS) return;
    this.reported.add(message);
    this.owner.report(this.reported.size < MAX_REPORTS ? message : `${message}; the network reports nothing further`);
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
    this.owner.transmit(ethernetFrame({ destination, source: ROUTER_MAC, etherType, payload }));
  }
}

/** The host may give a new reason for each of the guest's requests. */
export const MAX_REPORTS = 32;

const answerTo = (question: UdpDatagram, payload: Uint8Array): UdpDatagram => ({
  source: question.destination,
  sourcePort: question.destinationPort,
  destination: question.source,
  destinationPort: question.sourcePort,
  payload,
});
