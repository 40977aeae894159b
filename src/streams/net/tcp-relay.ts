/**
 * Connects the guest's TCP connections to the host: those that the guest opens, and those that come to a forwarded
 * port.
 */
import type { Clock } from "./clock.js";
import type { HostEndpoint, RouterHost, SocketFault } from "./router-host.js";
import type { PortForward } from "./router-options.js";
import { TcpBridge, type BridgeOwner } from "./tcp-bridge.js";
import { TcpConnection, type TcpEnd } from "./tcp-connection.js";
import { ACK, resetFor, RST, SYN, type TcpSegment } from "./tcp-segment.js";

/** A limit, so that a guest can't take all of the host's sockets. */
export const MAX_CONNECTIONS = 512;
/** RFC 6335 §6: the first dynamic port. */
const FIRST_PORT = 49_152;
const PORTS = 65_536 - FIRST_PORT;

/** The addresses of both ends, as the guest sees them. */
export interface Ends {
  readonly guest: string;
  readonly remote: string;
}

export interface TcpRelayOwner {
  toGuest(ends: Ends, segment: TcpSegment): void;
  /** Called with what a user should know. */
  report(message: string): void;
}

export class TcpRelay {
  /** In order of age: the first is the oldest. */
  private readonly bridges = new Map<string, TcpBridge>();
  private readonly closePorts: (() => void)[] = [];
  private lastPort = 0;

  constructor(
    private readonly clock: Clock,
    private readonly host: RouterHost,
    private readonly owner: TcpRelayOwner,
  ) {}

  /** `target` is the remote end's address on the host. It is undefined if the guest may not reach it. */
  segmentArrived(ends: Ends, segment: TcpSegment, target: HostEndpoint | undefined): void {
    const key = keyOf(ends, segment.sourcePort, segment.destinationPort);
    const known = this.bridges.get(key);
    const isOpening = (segment.flags & (SYN | ACK)) === SYN;
    let sequence = this.host.randomNumber();
    if (known !== undefined) {
      const { guestEnd } = known;
      if (!isOpening || guestEnd?.givesWayTo(segment) !== true) {
        this.continue(key, known, segment);
        return;
      }
      // RFC 1122 §4.2.2.13: start beyond all numbers of the previous connection, by an unpredictable distance.
      sequence = (guestEnd.endSequence + 1 + (sequence >>> 2)) >>> 0;
      this.drop(key);
    }
    if (isOpening && target !== undefined && this.makeRoom()) this.connect(key, ends, segment, target, sequence);
    else this.refuse(ends, segment);
  }

  /** Opens a forwarded port. `failed` is called if it can't be opened. */
  listen({ from, to }: PortForward, remote: string, failed: (fault: SocketFault) => void): void {
    const ends = { guest: to.address, remote };
    const close = this.host.listen(from, {
      accepted: (stream) => {
        if (!this.makeRoom()) return undefined;
        const localPort = this.freePort(ends, to.port);
        const initialSequence = this.host.randomNumber();
        const bridge = this.bridge(keyOf(ends, to.port, localPort), {
          guestEnd: this.guestEnd(ends, { localPort, remotePort: to.port, initialSequence }),
          joined: (connection) => {
            connection.open();
          },
          refused: () => undefined,
        });
        bridge.join(stream);
        return bridge.fromHost;
      },
      failed: (fault, isOpen) => {
        if (isOpen) this.owner.report(fault.message);
        else failed(fault);
      },
    });
    this.closePorts.push(close);
  }

  stop(): void {
    for (const close of this.closePorts.splice(0)) close();
    for (const key of [...this.bridges.keys()]) this.drop(key);
  }

  private connect(key: string, ends: Ends, syn: TcpSegment, target: HostEndpoint, initialSequence: number): void {
    const { destinationPort: localPort, sourcePort: remotePort } = syn;
    const bridge = this.bridge(key, {
      guestEnd: this.guestEnd(ends, { localPort, remotePort, initialSequence }),
      joined: (connection) => {
        connection.accept(syn);
      },
      refused: (fault) => {
        this.refuse(ends, syn);
        if (fault?.reason === "host") this.owner.report(fault.message);
      },
    });
    bridge.await(this.host.connect(target, bridge.fromHost));
  }

  private continue(key: string, bridge: TcpBridge, segment: TcpSegment): void {
    if (bridge.guestEnd !== undefined) bridge.guestEnd.segmentArrived(segment);
    // The guest gave up while the host was still connecting.
    else if ((segment.flags & RST) !== 0) this.drop(key);
  }

  private bridge(key: string, owner: Omit<BridgeOwner, "over">): TcpBridge {
    const over = (): void => {
      this.bridges.delete(key);
    };
    const bridge = new TcpBridge(this.clock, {
      ...owner,
      refused: (fault) => {
        over();
        owner.refused(fault);
      },
      over,
    });
    this.bridges.set(key, bridge);
    return bridge;
  }

  private guestEnd(
    ends: Ends,
    end: Pick<TcpEnd, "localPort" | "remotePort" | "initialSequence">,
  ): BridgeOwner["guestEnd"] {
    const transmit = (segment: TcpSegment): void => {
      this.owner.toGuest(ends, segment);
    };
    return (application) => new TcpConnection({ ...end, clock: this.clock, transmit }, application);
  }

  /** Closes one bridge: an ended one first, then the oldest that is not yet open. Returns false if all are open. */
  private makeRoom(): boolean {
    if (this.bridges.size < MAX_CONNECTIONS) return true;
    for (const phase of ["ended", "opening"] as const) {
      for (const [key, bridge] of this.bridges) {
        if (bridge.phase !== phase) continue;
        if (phase === "ended") this.drop(key);
        else bridge.giveUp();
        return true;
      }
    }
    this.owner.report(`${String(MAX_CONNECTIONS)} TCP connections are open: further ones are refused`);
    return false;
  }

  private drop(key: string): void {
    this.bridges.get(key)?.stop();
    this.bridges.delete(key);
  }

  private refuse(ends: Ends, segment: TcpSegment): void {
    const reset = resetFor(segment);
    if (reset !== undefined) this.owner.toGuest(ends, reset);
  }

  /** There are more ports than connections, so one is always free. */
  private freePort(ends: Ends, guestPort: number): number {
    do this.lastPort = (this.lastPort + 1) % PORTS;
    while (this.bridges.has(keyOf(ends, guestPort, FIRST_PORT + this.lastPort)));
    return FIRST_PORT + this.lastPort;
  }
}

const keyOf = ({ guest, remote }: Ends, guestPort: number, remotePort: number): string =>
  `${guest}:${String(guestPort)} ${remote}:${String(remotePort)}`;
