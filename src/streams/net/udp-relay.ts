/** Sends the guest's UDP datagrams to hosts and returns their answers. Each pair of ends has its own socket. */
import { Alarm } from "./alarm.js";
import { BoundedTable } from "./bounded-table.js";
import type { Clock } from "./clock.js";
import { UNREACHABLE } from "./icmp.js";
import type { Ipv4Packet } from "./ipv4.js";
import type { DatagramSocket, HostEndpoint, RouterHost, SocketFault } from "./router-host.js";
import type { UdpDatagram } from "./udp.js";

/** RFC 4787 §4.3 asks for at least two minutes. */
export const UDP_IDLE_MS = 120_000;
/** A limit, so that a guest can't take all of the host's sockets. */
export const MAX_UDP_FLOWS = 256;

export interface UdpRelayOwner {
  toGuest(datagram: UdpDatagram): void;
  /** The packet can't be delivered. */
  unreachable(packet: Ipv4Packet, code: number): void;
  /** Called with what a user should know. */
  report(message: string): void;
}

interface Flow {
  readonly socket: DatagramSocket;
  readonly idle: Alarm;
  /** The last packet that the guest sent, without its payload. An ICMP error refers to it. */
  last: Ipv4Packet;
}

export class UdpRelay {
  private readonly flows: BoundedTable<string, Flow>;

  constructor(
    private readonly clock: Clock,
    private readonly host: RouterHost,
    private readonly owner: UdpRelayOwner,
  ) {
    const removed = ({ idle, socket }: Flow): void => {
      idle.clear();
      socket.close();
    };
    this.flows = new BoundedTable(MAX_UDP_FLOWS, removed, () => {
      owner.report(`more than ${String(MAX_UDP_FLOWS)} pairs of UDP ports are in use: the longest unused are closed`);
    });
  }

  /** `to` is the destination's address on the host. */
  send(packet: Ipv4Packet, datagram: UdpDatagram, to: HostEndpoint): void {
    const { source, sourcePort, destination, destinationPort, payload } = datagram;
    const key = `${source}:${String(sourcePort)} ${destination}:${String(destinationPort)}`;
    const flow = this.flows.use(key) ?? this.begin(key, packet, datagram, to);
    flow.last = headOf(packet);
    flow.idle.set(UDP_IDLE_MS);
    flow.socket.send(payload);
  }

  stop(): void {
    this.flows.clear();
  }

  private begin(key: string, packet: Ipv4Packet, datagram: UdpDatagram, to: HostEndpoint): Flow {
    const { source, sourcePort, destination, destinationPort } = datagram;
    const ends = { source: destination, sourcePort: destinationPort, destination: source, destinationPort: sourcePort };
    const socket = this.host.openDatagrams(to, {
      received: (payload) => {
        this.flows.use(key)?.idle.set(UDP_IDLE_MS);
        this.owner.toGuest({ ...ends, payload });
      },
      failed: (fault) => {
        this.flows.delete(key);
        this.tell(flow.last, fault);
      },
    });
    const idle = new Alarm(this.clock, () => {
      this.flows.delete(key);
    });
    const flow: Flow = { socket, idle, last: headOf(packet) };
    this.flows.put(key, flow);
    return flow;
  }

  private tell(packet: Ipv4Packet, { reason, message }: SocketFault): void {
    switch (reason) {
      case "refused":
      case "gone":
        this.owner.unreachable(packet, UNREACHABLE.port);
        break;
      case "hostUnreachable":
        this.owner.unreachable(packet, UNREACHABLE.host);
        break;
      case "networkUnreachable":
        this.owner.unreachable(packet, UNREACHABLE.network);
        break;
      case "host":
        this.owner.report(message);
        break;
    }
  }
}

const NOTHING = new Uint8Array(0);

const headOf = ({ source, destination, protocol, beginning = NOTHING }: Ipv4Packet): Ipv4Packet => ({
  source,
  destination,
  protocol,
  payload: NOTHING,
  beginning: beginning.slice(),
});
