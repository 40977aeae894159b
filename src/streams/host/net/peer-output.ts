/** What a guest prints for a peer at a socket: in pieces, and held back where the peer does not read. */
import type { Socket } from "node:net";

import { Subject, type Observable } from "rxjs";

import type { Demand } from "../../time/pulled.js";
import { letGo } from "./peer-server.js";

/** From here on the guest should wait until the peer has read. */
export const HIGH_WATER_BYTES = 1 << 20;
/** Beyond this, what nobody held back is lost. */
export const MAX_UNREAD_BYTES = 16 << 20;

export class PeerOutput implements Demand {
  private readonly changes$ = new Subject<void>();
  private socket: Socket | undefined;
  private piece: Uint8Array[] = [];
  private pieceBytes = 0;
  private scheduled: NodeJS.Immediate | undefined;

  /** Whether the peer has so much to read that the guest should wait. */
  isMet = false;

  get changed$(): Observable<void> {
    return this.changes$;
  }

  /** The peer that is written to from now on. */
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

  /** Lost where there is no peer. */
  write(bytes: Uint8Array): void {
    const { socket } = this;
    if (socket === undefined || socket.writableLength + this.pieceBytes + bytes.length > MAX_UNREAD_BYTES) return;
    this.piece.push(bytes);
    this.pieceBytes += bytes.length;
    // A guest prints byte by byte, and a write for each would cost more than the byte.
    this.scheduled ??= setImmediate(() => {
      this.flush();
    });
  }

  /** Writes what waits, and lets the peer go when it has taken it, or does not in time. */
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
