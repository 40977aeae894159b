/** A UDP port of the host that leads to one of the guest's. */
import { createSocket, type Socket } from "node:dgram";
import type { SchedulerLike } from "rxjs";

import { Alarm } from "./alarm.js";
import { UDP_IDLE_MS, MAX_UDP_FLOWS } from "./udp-relay.js";
import type { HostEndpoint, PortForward } from "./router-options.js";

interface Peer extends HostEndpoint {
  readonly idle: Alarm;
}

/** The bytes and the port at which the guest sees their sender: the sender's own one may be another's too. */
export type ToForwardTarget = (bytes: Uint8Array, seenPort: number) => void;

export class UdpForward {
  private readonly socket: Socket = createSocket("udp4");
  private readonly peers = new Map<number, Peer>();

  constructor(
    private readonly scheduler: SchedulerLike,
    { from }: PortForward,
    private readonly firstPort: number,
    toGuest: ToForwardTarget,
    failed: (fault: Error) => void,
  ) {
    this.socket.on("error", failed);
    this.socket.on("message", (bytes, peer) => {
      const port = this.portOf(peer);
      if (port !== undefined) toGuest(new Uint8Array(bytes), port);
    });
    this.socket.bind(from.port, from.address);
  }

  /** What the guest says to a peer; false: there is none at that port. */
  answer(port: number, bytes: Uint8Array): boolean {
    const peer = this.peers.get(port);
    if (peer === undefined) return false;
    peer.idle.set(UDP_IDLE_MS);
    this.socket.send(bytes, peer.port, peer.address);
    return true;
  }

  stop(): void {
    for (const { idle } of this.peers.values()) idle.clear();
    this.peers.clear();
    this.socket.close();
  }

  private portOf({ address, port }: HostEndpoint): number | undefined {
    for (const [seen, peer] of this.peers) {
      if (peer.port !== port || peer.address !== address) continue;
      peer.idle.set(UDP_IDLE_MS);
      return seen;
    }
    if (this.peers.size >= MAX_UDP_FLOWS) return undefined;
    let seen = this.firstPort;
    while (this.peers.has(seen)) seen += 1;
    const idle = new Alarm(this.scheduler, () => this.peers.delete(seen));
    idle.set(UDP_IDLE_MS);
    this.peers.set(seen, { address, port, idle });
    return seen;
  }
}
