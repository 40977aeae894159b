/** Carries the guest's UDP datagrams to hosts, and their answers back: a socket for each pair of ends. */
import { createSocket, type Socket } from "node:dgram";
import type { SchedulerLike } from "rxjs";

import { Alarm } from "./alarm.js";
import type { HostEndpoint } from "./router-options.js";
import type { UdpDatagram } from "./udp.js";

/** RFC 4787 §4.3 asks for at least two minutes. */
export const UDP_IDLE_MS = 120_000;
/** No guest takes all of the host's sockets. */
export const MAX_UDP_FLOWS = 256;

interface Flow {
  readonly socket: Socket;
  readonly idle: Alarm;
  /** What came before the socket was ready for it. */
  waiting: Uint8Array[] | undefined;
}

export class UdpRelay {
  private readonly flows = new Map<string, Flow>();

  constructor(
    private readonly scheduler: SchedulerLike,
    private readonly toGuest: (datagram: UdpDatagram) => void,
  ) {}

  /** `to`: where the datagram's destination is on the host. */
  send(datagram: UdpDatagram, to: HostEndpoint): void {
    const { source, sourcePort, destination, destinationPort, payload } = datagram;
    const key = `${source}:${String(sourcePort)} ${destination}:${String(destinationPort)}`;
    const flow = this.flows.get(key) ?? this.begin(key, datagram, to);
    flow?.idle.set(UDP_IDLE_MS);
    if (flow?.waiting === undefined) flow?.socket.send(payload);
    else flow.waiting.push(payload.slice());
  }

  stop(): void {
    for (const [key, { socket }] of [...this.flows]) this.end(key, socket);
  }

  private begin(key: string, datagram: UdpDatagram, to: HostEndpoint): Flow | undefined {
    if (this.flows.size >= MAX_UDP_FLOWS) return undefined;
    const socket = createSocket("udp4");
    const end = (): void => {
      this.end(key, socket);
    };
    const flow: Flow = { socket, idle: new Alarm(this.scheduler, end), waiting: [] };
    this.flows.set(key, flow);
    socket.on("message", (payload) => {
      flow.idle.set(UDP_IDLE_MS);
      this.toGuest({
        source: datagram.destination,
        sourcePort: datagram.destinationPort,
        destination: datagram.source,
        destinationPort: datagram.sourcePort,
        payload: new Uint8Array(payload),
      });
    });
    // Nobody is there: UDP says nothing about it, and the guest's next datagram has a new socket.
    socket.on("error", end);
    socket.connect(to.port, to.address, () => {
      for (const waiting of flow.waiting ?? []) socket.send(waiting);
      flow.waiting = undefined;
    });
    return flow;
  }

  private end(key: string, socket: Socket): void {
    const flow = this.flows.get(key);
    if (flow?.socket !== socket) return;
    flow.idle.clear();
    this.flows.delete(key);
    socket.close();
  }
}
