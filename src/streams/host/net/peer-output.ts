/** Writes a guest's output to a peer at a socket, in pieces. If the peer does not read, the guest is held back. */
import type { Socket } from "node:net";

import { Subject, type Observable } from "rxjs";

import type { Demand } from "../../time/pulled.js";
import { letGo } from "./peer-server.js";

/** Above this, the guest should wait until the peer has read. */
export const HIGH_WATER_BYTES = 1 << 20;
/** Beyond this, output of a guest that was not held back is lost. */
export const MAX_UNREAD_BYTES = 16 << 20;

export class PeerOutput implements Demand {
  private readonly changes$ = new Subject<void>();
  private socket: Socket | undefined;
  private piece: Uint8Array[] = [];
  private pieceBytes = 0;
  private scheduled: NodeJS.Immediate | undefined;

  /** Whether the guest should wait for the peer. */
  isMet = false;

  get changed$(): Observable<void> {
    return this.changes$;
  }

  /** From now on, output goes to this peer. */
  attach(socket: Socket): void {
    this.drop();
    this.socket = socket;
    const freed = (): void => {
      if (this.socket === socket && socket.writableLength < HIGH_WATER_BYTES) this.tell(false);
    };
    socket.on("drain", freed);
    socket.on("close", () => {
      if (this.socket !== socket) return;
      this.drop();
      this.socket = undefined;
      this.tell(false);
    });
  }

  /** The bytes are lost if there is no peer. */
  write(bytes: Uint8Array): void {
    const { socket } = this;
    if (socket === undefined || socket.writableLength + this.pieceBytes + bytes.length > MAX_UNREAD_BYTES) return;
    this.piece.push(bytes);
    this.pieceBytes += bytes.length;
    // A guest prints byte by byte. A write for each byte would cost too much.
    this.scheduled ??= setImmediate(() => {
      this.flush();
    });
  }

  /** Writes the rest, and ends the connection when the peer has taken it, or after a time limit. */
  end(): Promise<void> {
    const { socket } = this;
    this.flush();
    if (socket === undefined || socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      socket.once("close", () => {
        resolve();
      });
      letGo(socket);
    });
  }

  flush(): void {
    const { socket, piece } = this;
    this.drop();
    if (socket === undefined || piece.length === 0) return;
    socket.write(Buffer.concat(piece));
    if (socket.writableLength >= HIGH_WATER_BYTES) this.tell(true);
  }

  private drop(): void {
    clearImmediate(this.scheduled);
    this.scheduled = undefined;
    this.piece = [];
    this.pieceBytes = 0;
  }

  private tell(isMet: boolean): void {
    if (this.isMet === isMet) return;
    this.isMet = isMet;
    if (!isMet) this.changes$.next();
  }
}
