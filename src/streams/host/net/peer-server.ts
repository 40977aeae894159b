/** A server that serves one peer at a time: for a console, a monitor or a network card. */
import { existsSync, lstatSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";

import { placeOf, type StreamAddress } from "./socket-address.js";

export interface PeerServer {
  readonly peer: Socket | undefined;
  /** Ends the connection when the peer has taken what was written, or after a time limit. */
  end(): Promise<void>;
}

export interface PeerServerEvents {
  readonly met: (peer: Socket) => void;
  /** A later failure. */
  readonly failed: (fault: Error) => void;
}

/** The time limit for a peer to take the rest of the output. */
export const PATIENCE_MS = 2000;

/** Starts to listen. Rejects with the host's error, and with ENOTSOCK if a file is in the way. */
export async function peerServer(address: StreamAddress, { met, failed }: PeerServerEvents): Promise<PeerServer> {
  let peer: Socket | undefined;
  // One that was let go has left, though its socket is still to close.
  const isFree = (): boolean => peer === undefined || peer.writableEnded;
  const take = (socket: Socket): void => {
    // As in QEMU, only one peer is served. Others are disconnected.
    if (!isFree()) {
      socket.destroy();
      return;
    }
    peer = socket;
    socket.on("close", () => {
      if (peer === socket) peer = undefined;
    });
    met(socket);
  };
  const server = createServer({ noDelay: true }, (socket) => {
    // A peer that disconnects is not a fault: the next one may connect.
    socket.on("error", () => undefined);
    // That the one before has gone may be the next that is heard.
    if (isFree()) take(socket);
    else setImmediate(take, socket);
  });
  await listen(server, address);
  server.on("error", failed);
  return {
    get peer() {
      return peer;
    },
    async end() {
      const closed = new Promise((resolve) => server.close(resolve));
      if (peer !== undefined) letGo(peer);
      await closed;
    },
  };
}

/**
 * Ends the socket when the peer has taken everything. A peer that does not read delays this no longer than the time
 * limit.
 */
export function letGo(socket: Socket): void {
  const patience = setTimeout(() => socket.destroy(), PATIENCE_MS);
  socket.once("close", () => {
    clearTimeout(patience);
  });
  // Read and discard the peer's remaining data: its end comes after that.
  socket.resume();
  socket.end();
}

async function listen(server: Server, address: StreamAddress): Promise<void> {
  try {
    await isListening(server, address);
  } catch (fault) {
    if (address.type !== "unix") throw fault;
    // libuv reports EACCES if the folder does not exist (uv_pipe_bind).
    if (codeOf(fault) === "EACCES" && !existsSync(dirname(address.path))) throw withCode("ENOENT");
    if (codeOf(fault) !== "EADDRINUSE") throw fault;
    if (!isSocket(address.path)) throw withCode("ENOTSOCK");
    if (!(await isLeftBehind(address.path))) throw fault;
    rmSync(address.path);
    await isListening(server, address);
  }
}

const isListening = (server: Server, address: StreamAddress): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(placeOf(address), () => {
      server.off("error", reject);
      resolve();
    });
  });

const withCode = (code: string): Error => Object.assign(new Error(code), { code });

const isSocket = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true;

/** True if nobody listens there: a killed process left the socket. A socket in use is left alone. */
const isLeftBehind = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.on("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.on("error", (fault) => {
      resolve(codeOf(fault) === "ECONNREFUSED");
    });
  });

const codeOf = (fault: unknown): string | undefined =>
  fault instanceof Error ? (fault as NodeJS.ErrnoException).code : undefined;
