/** Whoever is at the other end of a WebSocket: told no faster than it reads, and let go where it is silent. */
import type { WebSocket } from "ws";

/** Of what is sent, in memory: then who sends waits. */
const HIGH_WATER_BYTES = 1 << 18;
const PING_MS = 30_000;

/** The server ends (RFC 6455, §7.4.1). */
export const GOING_AWAY = 1001;

export class Peer {
  private isHeard = true;
  private readonly pinging: NodeJS.Timeout;
  private readonly leaving = new AbortController();

  constructor(readonly socket: WebSocket) {
    socket.on("error", () => undefined);
    socket.on("pong", () => (this.isHeard = true));
    socket.on("close", () => {
      clearInterval(this.pinging);
      this.leaving.abort();
    });
    this.pinging = setInterval(() => {
      this.ping();
    }, PING_MS);
  }

  /** Aborted where it has gone. */
  get signal(): AbortSignal {
    return this.leaving.signal;
  }

  get isFull(): boolean {
    return this.socket.bufferedAmount > HIGH_WATER_BYTES;
  }

  /** Resolves when there is room for more. False: it has gone. */
  async send(message: string | Uint8Array): Promise<boolean> {
    const { socket } = this;
    if (socket.readyState !== socket.OPEN) return false;
    const sent = new Promise<boolean>((resolve) => {
      socket.send(message, (fault) => {
        resolve(!fault);
      });
    });
    return this.isFull ? sent : true;
  }

  /** An answer to what it said: who does not read answers is not listened to either. */
  answer(message: string): void {
    const sent = this.send(message);
    if (!this.isFull) return;
    this.socket.pause();
    void sent.then(() => {
      this.socket.resume();
    });
  }

  private ping(): void {
    if (!this.isHeard) this.socket.terminate();
    this.isHeard = false;
    this.socket.ping();
  }
}
