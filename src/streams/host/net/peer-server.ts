/** A socket of this process at which one peer at a time is served: a console's, a monitor's, a network card's. */
import { existsSync, lstatSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";

import { placeOf, type StreamAddress } from "./socket-address.js";

export interface PeerServer {
  readonly peer: Socket | undefined;
  /** Lets the peer go once it has what was written to it, or does not take it in time. */
  end(): Promise<void>;
}

export interface PeerServerEvents {
  readonly met: (peer: Socket) => void;
  /** What fails later. */
  readonly failed: (fault: Error) => void;
}

/** How long a peer may take for what was written to it before the end. */
export const PATIENCE_MS = 2000;

/** Listens there. Rejects with what the host says, and with ENOTSOCK where a file is in the way. */
export async function peerServer(address: StreamAddress, { met, failed }: PeerServerEvents): Promise<PeerServer> {
  let peer: Socket | undefined;
  const server = createServer({ noDelay: true }, (socket) => {
    // A peer that goes away is no fault: the next one may come.
    socket.on("error", () => undefined);
    // One at a time, as in QEMU: whoever comes later is turned away.
    if (peer !== undefined) {
      socket.destroy();
      return;
    }
    peer = socket;
    socket.on("close", () => (peer = undefined));
    met(socket);
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

/** Ends the socket when all that was written is taken. A peer that does not read holds up nobody's end. */
export function letGo(socket: Socket): void {
  const patience = setTimeout(() => socket.destroy(), PATIENCE_MS);
  socket.once("close", () => {
    clearTimeout(patience);
  });
  // Its end comes behind what it still sends, which nobody reads any more.
  socket.resume();
  socket.end();
}

async function listen(server: Server, address: StreamAddress): Promise<void> {
  try {
    await isListening(server, address);
  } catch (fault) {
    if (address.type !== "unix") throw fault;
    // libuv says EACCES of a folder that is not there (uv_pipe_bind).
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

/** Nobody listens there any more: it is of a process that was killed. Any other is somebody's. */
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
