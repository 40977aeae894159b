/** A TCP connection's application: a stream socket of the host, with back-pressure both ways. */
import type { Socket } from "node:net";

import type { TcpApplication, TcpConnection } from "../../net/tcp-connection.js";

/** What is read ahead of the guest. */
const HIGH_WATER_BYTES = 512 << 10;
const LOW_WATER_BYTES = 256 << 10;

export class HostStream implements TcpApplication {
  private connection: TcpConnection | undefined;

  /** The socket is connected, allows half-open connections, and is paused. */
  constructor(
    private readonly socket: Socket,
    private readonly forget: () => void,
  ) {}

  attach(connection: TcpConnection): void {
    this.connection = connection;
    const { socket } = this;
    socket.on("data", (bytes) => {
      connection.write(new Uint8Array(bytes));
      if (connection.bufferedBytes > HIGH_WATER_BYTES) socket.pause();
    });
    socket.on("end", () => {
      connection.finish();
    });
    socket.on("error", () => {
      connection.abort();
    });
    socket.on("drain", () => {
      connection.windowOpened();
    });
  }

  get unconsumedBytes(): number {
    return this.socket.writableLength;
  }

  connected(): void {
    this.socket.resume();
  }

  received(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  ended(): void {
    this.socket.end();
  }

  acknowledged(): void {
    if (this.socket.isPaused() && (this.connection?.bufferedBytes ?? 0) < LOW_WATER_BYTES) this.socket.resume();
  }

  closed(why: "done" | "reset" | "timedOut"): void {
    this.forget();
    if (why !== "done") this.socket.resetAndDestroy();
  }
}
