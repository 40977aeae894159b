/** Joins the guest's TCP connections with the host's: those that the guest opens, and those that come to a forward's port. */
import { randomBytes } from "node:crypto";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { SchedulerLike } from "rxjs";

import { HostStream } from "../host/net/host-stream.js";
import type { HostEndpoint, PortForward } from "./router-options.js";
import { TcpConnection } from "./tcp-connection.js";
import { ACK, resetFor, SYN, type TcpSegment } from "./tcp-segment.js";

/** No guest takes all of the host's sockets. */
const MAX_CONNECTIONS = 512;
/** RFC 6335 §6: ports for whoever asks. */
const FIRST_PORT = 49_152;
const PORTS = 65_536 - FIRST_PORT;

/** The addresses of both ends, as the guest knows them. */
export interface Ends {
  readonly guest: string;
  readonly remote: string;
}

interface Joined {
  readonly socket: Socket;
  /** Absent while the host's end is not yet connected. */
  connection?: TcpConnection;
}

export class TcpRelay {
  private readonly joined = new Map<string, Joined>();
  private readonly servers: Server[] = [];
  private lastPort = 0;

  constructor(
    private readonly scheduler: SchedulerLike,
    private readonly toGuest: (ends: Ends, segment: TcpSegment) => void,
  ) {}

  /** `target`: where the remote end is on the host; undefined: nowhere that the guest may go. */
  segmentArrived(ends: Ends, segment: TcpSegment, target: HostEndpoint | undefined): void {
    const key = keyOf(ends, segment.sourcePort, segment.destinationPort);
    const known = this.joined.get(key);
    if (known !== undefined) {
      known.connection?.segmentArrived(segment);
      return;
    }
    const isOpening = (segment.flags & (SYN | ACK)) === SYN;
    if (isOpening && target !== undefined && this.joined.size < MAX_CONNECTIONS) this.join(key, ends, segment, target);
    else this.refuse(ends, segment);
  }

  /** Opens a forward's port; `failed` is called where that can't be. */
  listen({ from, to }: PortForward, remote: string, failed: (fault: Error) => void): void {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (socket) => {
      const ends = { guest: to.address, remote };
      const port = this.freePort(ends, to.port);
      if (port === undefined) {
        socket.resetAndDestroy();
        return;
      }
      const key = keyOf(ends, to.port, port);
      this.connection(key, ends, port, to.port, socket).open();
    });
    server.on("error", failed);
    server.listen(from.port, from.address);
    this.servers.push(server);
  }

  stop(): void {
    for (const server of this.servers.splice(0)) server.close();
    for (const { socket, connection } of this.joined.values()) {
      connection?.stop();
      socket.destroy();
    }
    this.joined.clear();
  }

  private join(key: string, ends: Ends, syn: TcpSegment, { address, port }: HostEndpoint): void {
    const socket = connect({ host: address, port, allowHalfOpen: true, noDelay: true });
    socket.pause();
    this.joined.set(key, { socket });
    const refused = (): void => {
      this.joined.delete(key);
      this.refuse(ends, syn);
    };
    socket.once("error", refused);
    socket.once("connect", () => {
      socket.off("error", refused);
      this.connection(key, ends, syn.destinationPort, syn.sourcePort, socket).accept(syn);
    });
  }

  private connection(key: string, ends: Ends, localPort: number, remotePort: number, socket: Socket): TcpConnection {
    const stream = new HostStream(socket, () => this.joined.delete(key));
    const connection = new TcpConnection(
      {
        localPort,
        remotePort,
        // RFC 9293 §3.4.1: not to be guessed.
        initialSequence: randomBytes(4).readUInt32LE(),
        scheduler: this.scheduler,
        transmit: (segment) => {
          this.toGuest(ends, segment);
        },
      },
      stream,
    );
    stream.attach(connection);
    this.joined.set(key, { socket, connection });
    return connection;
  }

  private refuse(ends: Ends, segment: TcpSegment): void {
    const reset = resetFor(segment);
    if (reset !== undefined) this.toGuest(ends, reset);
  }

  private freePort(ends: Ends, guestPort: number): number | undefined {
    if (this.joined.size >= MAX_CONNECTIONS) return undefined;
    do this.lastPort = (this.lastPort + 1) % PORTS;
    while (this.joined.has(keyOf(ends, guestPort, FIRST_PORT + this.lastPort)));
    return FIRST_PORT + this.lastPort;
  }
}

const keyOf = ({ guest, remote }: Ends, guestPort: number, remotePort: number): string =>
  `${guest}:${String(guestPort)} ${remote}:${String(remotePort)}`;
