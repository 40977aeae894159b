/**
 * A wire that is a stream socket, with QEMU's framing: another program is the network, such as passt, a switch, or a second
 * machine. A peer that goes takes the link down; a listener waits for the next one, and who connects may do so again.
 */
import { unlinkSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { Observable, Subscription, timer, type SchedulerLike } from "rxjs";

import type { FromWire, GuestPort, Wire } from "../../live/wire.js";
import { Deframer, framed } from "./stream-framing.js";

export type StreamAddress =
  | { readonly type: "unix"; readonly path: string }
  | { readonly type: "inet"; readonly host: string; readonly port: number };

export interface StreamSocketOptions {
  readonly address: StreamAddress;
  /** Waits for a peer in place of connecting to one. */
  readonly server?: boolean;
  /** After how long one that connects tries again when its peer is gone or not there; absent: never. */
  readonly reconnectMs?: number;
  /** Told in words what becomes of the connection. */
  readonly report?: (message: string) => void;
}

/** The socket can't be had; the message says which and what to do. */
export class StreamSocketError extends Error {
  override readonly name = "StreamSocketError";
  readonly code = "CANNOT_CONNECT";
}

/** Reconnecting is timed on `scheduler`. The stream fails if the first peer is not there, or the address can't be listened on. */
export const streamSocket =
  (options: StreamSocketOptions, scheduler: SchedulerLike): Wire =>
  (guest) =>
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

/** What a peer may leave unread before frames for it are dropped, as a wire that is full drops them. */
const MAX_UNSENT_BYTES = 4 << 20;

interface Target {
  next(from: FromWire): void;
  error(fault: unknown): void;
}

class StreamSocket {
  private readonly subscriptions = new Subscription();
  private server: Server | undefined;
  private peer: Socket | undefined;
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
        if (peer !== undefined && peer.writableLength < MAX_UNSENT_BYTES) peer.write(framed(frame));
      }),
    );
    this.subscriptions.add(
      this.guest.hasRoom$.subscribe((hasRoom) => {
        this.hasRoom = hasRoom;
        if (hasRoom) this.peer?.resume();
        else this.peer?.pause();
      }),
    );
    if (this.options.server === true) this.listen();
    else this.connect(true);
  }

  stop(): void {
    this.isStopped = true;
    this.subscriptions.unsubscribe();
    this.server?.close();
    this.peer?.destroy();
  }

  private listen(): void {
    const { address } = this.options;
    if (address.type === "unix") removeStale(address.path);
    // A machine without a peer has no cable in.
    this.target.next({ type: "link", up: false });
    this.server = createServer((socket) => {
      if (this.peer === undefined) this.joined(socket);
      // The wire has two ends.
      else socket.destroy();
    });
    this.server.on("error", (fault) => {
      this.target.error(
        new StreamSocketError(`${nameOf(address)} can't be listened on (${fault.message}); name another address`),
      );
    });
    this.server.listen(address.type === "unix" ? { path: address.path } : { host: address.host, port: address.port });
  }

  private connect(isFirst: boolean): void {
    const { address, reconnectMs } = this.options;
    const socket = connect(
      address.type === "unix" ? { path: address.path } : { host: address.host, port: address.port, noDelay: true },
    );
    const failed = (fault: Error): void => {
      if (this.isStopped) return;
      if (isFirst && reconnectMs === undefined) {
        this.target.error(
          new StreamSocketError(`nobody answers at ${nameOf(address)} (${fault.message}); start the other end first`),
        );
      } else {
        this.tryAgain();
      }
    };
    socket.once("error", failed);
    socket.once("connect", () => {
      socket.off("error", failed);
      this.joined(socket);
      if (!isFirst) this.target.next({ type: "link", up: true });
    });
    if (isFirst && reconnectMs !== undefined) socket.once("error", () => this.target.next({ type: "link", up: false }));
    this.subscriptions.add(() => {
      socket.destroy();
    });
  }

  private joined(socket: Socket): void {
    const deframer = new Deframer();
    this.peer = socket;
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
    this.subscriptions.add(
      timer(reconnectMs, this.scheduler).subscribe(() => {
        this.connect(false);
      }),
    );
  }

  private report(message: string): void {
    this.options.report?.(`${nameOf(this.options.address)}: ${message}`);
  }
}

const nameOf = (address: StreamAddress): string =>
  address.type === "unix" ? address.path : `${address.host}:${String(address.port)}`;

/** A socket file that nobody listens on any more is in the way of the next run; QEMU removes it too. */
const removeStale = (path: string): void => {
  try {
    unlinkSync(path);
  } catch {
    // Not there, or not ours to remove: listening says so.
  }
};
