/**
 * A wire over a stream socket, with QEMU's framing. The network is another program: passt, a switch, or a second
 * machine. When the peer disconnects, the link goes down. A server then waits for the next peer, and a client may
 * connect again.
 */
import { check } from "../../../options/check.js";
import { anyPort, call, exactly, flag, kindOf, maybe, oneOf, text, whole } from "../../../options/codecs.js";
import { aScheduler } from "../../../options/parts.js";
import { connect, type Socket } from "node:net";

import { Observable, Subscription, timer, type SchedulerLike } from "rxjs";

import type { FromWire, GuestPort, Wire } from "../../live/wire.js";
import { peerServer } from "./peer-server.js";
import { nameOfAddress, placeOf, type StreamAddress } from "./socket-address.js";
import { socketFault } from "./socket-faults.js";
import { Deframer, framed } from "./stream-framing.js";

export type { StreamAddress } from "./socket-address.js";

export interface StreamSocketOptions {
  readonly address: StreamAddress;
  /** Waits for a peer instead of connecting to one. */
  readonly server?: boolean;
  /** For a client: the delay before it connects again if its peer is gone or absent. Default: it never does. */
  readonly reconnectMs?: number;
  /** Called with messages about the connection. */
  readonly report?: (message: string) => void;
}

/** The socket failed. The message names it and the remedy. */
export class StreamSocketError extends Error {
  override readonly name = "StreamSocketError";
  readonly code = "CANNOT_CONNECT";
}

/**
 * Reconnecting is timed on `scheduler`. The stream fails if the first peer is absent, or the address can't be listened
 * on.
 */
export const streamSocket = (options: StreamSocketOptions, scheduler: SchedulerLike): Wire => {
  check("streamSocket", OPTIONS, options);
  check("streamSocket", SCHEDULER, { scheduler });
  return (guest) =>
    new Observable<FromWire>((subscriber) => {
      const socket = new StreamSocket(options, scheduler, guest, {
        next: (from) => {
          subscriber.next(from);
        },
        error: (fault) => {
          subscriber.error(fault);
        },
      });
      subscriber.add(() => {
        socket.stop();
      });
      socket.start();
    });
};

const OPTIONS = exactly<StreamSocketOptions>({
  address: kindOf("type", {
    unix: exactly<{ readonly type: "unix"; readonly path: string }>({ type: oneOf("unix"), path: text }),
    inet: exactly<{ readonly type: "inet"; readonly host: string; readonly port: number }>({
      type: oneOf("inet"),
      host: text,
      port: anyPort,
    }),
  }),
  server: maybe(flag),
  reconnectMs: maybe(whole),
  report: maybe(call),
});
const SCHEDULER = exactly<{ readonly scheduler: SchedulerLike }>({ scheduler: aScheduler });

/** The limit on bytes that a peer has not read. Frames beyond it are dropped, as on a full wire. */
export const MAX_UNSENT_BYTES = 4 << 20;

interface Target {
  next(from: FromWire): void;
  error(fault: unknown): void;
}

class StreamSocket {
  private readonly subscriptions = new Subscription();
  private closeServer: () => void = () => undefined;
  /** The socket that is connected or connecting. */
  private socket: Socket | undefined;
  private peer: Socket | undefined;
  private waiting = Subscription.EMPTY;
  private hasRoom = true;
  private isStopped = false;

  constructor(
    private readonly options: StreamSocketOptions,
    private readonly scheduler: SchedulerLike,
    private readonly guest: GuestPort,
    private readonly target: Target,
  ) {}

  start(): void {
    this.subscriptions.add(
      this.guest.frames$.subscribe((frame) => {
        const { peer } = this;
        const bytes = framed(frame);
        if (peer !== undefined && peer.writableLength + bytes.length <= MAX_UNSENT_BYTES) peer.write(bytes);
      }),
    );
    this.subscriptions.add(
      this.guest.hasRoom$.subscribe((hasRoom) => {
        this.hasRoom = hasRoom;
        if (hasRoom) this.peer?.resume();
        else this.peer?.pause();
      }),
    );
    if (this.options.server === true) void this.listen();
    else this.connect(true);
  }

  stop(): void {
    this.isStopped = true;
    this.subscriptions.unsubscribe();
    this.waiting.unsubscribe();
    this.closeServer();
    this.socket?.destroy();
  }

  private async listen(): Promise<void> {
    // Without a peer, the guest sees an unplugged cable.
    this.target.next({ type: "link", up: false });
    const failed = (fault: unknown): void => {
      if (!this.isStopped) this.target.error(this.errorOf(fault));
    };
    try {
      const server = await peerServer(this.options.address, {
        met: (socket) => {
          this.joined(socket);
        },
        failed,
      });
      this.closeServer = () => void server.end();
      if (this.isStopped) this.closeServer();
    } catch (fault) {
      failed(fault);
    }
  }

  private connect(isFirst: boolean): void {
    const { address, reconnectMs } = this.options;
    const socket = connect({ ...placeOf(address), noDelay: true });
    this.socket = socket;
    const failed = (fault: Error): void => {
      if (this.isStopped) return;
      if (!isFirst) {
        this.tryAgain();
      } else if (reconnectMs === undefined) {
        this.target.error(this.errorOf(fault));
      } else {
        this.target.next({ type: "link", up: false });
        this.tryAgain();
      }
    };
    socket.once("error", failed);
    socket.once("connect", () => {
      socket.off("error", failed);
      this.joined(socket);
      if (!isFirst) this.target.next({ type: "link", up: true });
    });
  }

  private joined(socket: Socket): void {
    const deframer = new Deframer();
    this.socket = this.peer = socket;
    if (this.options.server === true) {
      this.report("the other end has connected: the link is up");
      this.target.next({ type: "link", up: true });
    }
    if (!this.hasRoom) socket.pause();
    let why = "the other end has closed the connection";
    socket.on("error", (fault) => {
      why = `the connection broke (${fault.message})`;
    });
    socket.on("data", (bytes) => {
      try {
        for (const frame of deframer.take(bytes)) this.target.next({ type: "frame", frame });
      } catch (fault) {
        why = `the other end does not speak QEMU's stream protocol (${fault instanceof Error ? fault.message : ""})`;
        socket.destroy();
      }
    });
    socket.on("end", () => {
      socket.end();
    });
    socket.on("close", () => {
      this.left(why);
    });
  }

  private left(why: string): void {
    this.peer = undefined;
    if (this.isStopped) return;
    this.report(`${why}: the link is down`);
    this.target.next({ type: "link", up: false });
    if (this.options.server !== true) this.tryAgain();
  }

  private tryAgain(): void {
    const { reconnectMs } = this.options;
    if (reconnectMs === undefined || this.isStopped) return;
    this.waiting = timer(reconnectMs, this.scheduler).subscribe(() => {
      this.connect(false);
    });
  }

  private errorOf(fault: unknown): StreamSocketError {
    return new StreamSocketError(socketFault(nameOfAddress(this.options.address), fault).message, { cause: fault });
  }

  private report(message: string): void {
    this.options.report?.(`${nameOfAddress(this.options.address)}: ${message}`);
  }
}
