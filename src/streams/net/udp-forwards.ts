/** Forwards UDP ports of the host to ports of the guest. */
import { Alarm } from "./alarm.js";
import { BoundedTable } from "./bounded-table.js";
import type { Clock } from "./clock.js";
import type { DatagramPort, HostEndpoint, RouterHost, SocketFault } from "./router-host.js";
import type { PortForward } from "./router-options.js";
import type { UdpDatagram } from "./udp.js";
import { UDP_IDLE_MS } from "./udp-relay.js";

/** The limit on peers of the guest, over all forwards together. */
export const MAX_UDP_PEERS = 1024;
/**
 * The first port that stands for a peer (RFC 6335 §6, dynamic ports). Two peers may have the same port of their own.
 */
const FIRST_PEER_PORT = 49_152;
const PEER_PORTS = 65_536 - FIRST_PEER_PORT;

interface Peer {
  readonly forward: PortForward;
  readonly hostPort: DatagramPort;
  readonly at: HostEndpoint;
  /** The port that stands for the peer at the guest. */
  readonly seenPort: number;
  readonly idle: Alarm;
}

export interface UdpForwardsOwner {
  /** Sends a peer's datagram to the guest, which sees it come from `seenPort`. */
  toGuest(bytes: Uint8Array, seenPort: number, to: HostEndpoint): void;
  /** Called with what a user should know. */
  report(message: string): void;
}

export class UdpForwards {
  private readonly hostPorts: DatagramPort[] = [];
  private readonly peers: BoundedTable<string, Peer>;
  private readonly keys = new Map<number, string>();
  private lastPort = PEER_PORTS - 1;

  constructor(
    private readonly clock: Clock,
    private readonly host: RouterHost,
    private readonly owner: UdpForwardsOwner,
  ) {
    const removed = ({ idle, seenPort }: Peer): void => {
      idle.clear();
      this.keys.delete(seenPort);
    };
    this.peers = new BoundedTable(MAX_UDP_PEERS, removed, () => {
      owner.report(
        `more than ${String(MAX_UDP_PEERS)} peers speak with UDP forwards: the longest unheard are forgotten`,
      );
    });
  }

  /** Opens a forwarded port. `failed` is called if it can't be opened. */
  listen(forward: PortForward, failed: (fault: SocketFault) => void): void {
    const name = String(this.hostPorts.length);
    const hostPort = this.host.bindDatagrams(forward.from, {
      received: (bytes, from) => {
        const key = `${name} ${from.address}:${String(from.port)}`;
        const peer = this.peers.use(key) ?? this.begin(key, forward, hostPort, from);
        peer.idle.set(UDP_IDLE_MS);
        this.owner.toGuest(bytes, peer.seenPort, forward.to);
      },
      failed: (fault, isOpen) => {
        if (isOpen) this.owner.report(fault.message);
        else failed(fault);
      },
    });
    this.hostPorts.push(hostPort);
  }

  /** Sends the guest's datagram to its peer. Returns false if it is for no peer. */
  answer({ source, sourcePort, destinationPort, payload }: UdpDatagram): boolean {
    const peer = this.peers.use(this.keys.get(destinationPort) ?? "");
    if (peer === undefined) return false;
    const { to } = peer.forward;
    if (to.address !== source || to.port !== sourcePort) return false;
    peer.idle.set(UDP_IDLE_MS);
    peer.hostPort.send(payload, peer.at);
    return true;
  }

  stop(): void {
    this.peers.clear();
    for (const hostPort of this.hostPorts.splice(0)) hostPort.close();
  }

  private begin(key: string, forward: PortForward, hostPort: DatagramPort, at: HostEndpoint): Peer {
    const seenPort = this.freePort();
    const idle = new Alarm(this.clock, () => {
      this.peers.delete(key);
    });
    const peer = { forward, hostPort, at, seenPort, idle };
    this.peers.put(key, peer);
    this.keys.set(seenPort, key);
    return peer;
  }

  /** There are more ports than peers, so one is always free. */
  private freePort(): number {
    do this.lastPort = (this.lastPort + 1) % PEER_PORTS;
    while (this.keys.has(FIRST_PEER_PORT + this.lastPort));
    return FIRST_PEER_PORT + this.lastPort;
  }
}
