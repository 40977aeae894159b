/** A Unix socket of this process at which one peer at a time is served. */
import { lstatSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";

export interface UnixServer {
  readonly peer: Socket | undefined;
  /** Lets the peer go once it has what was written to it. */
  end(): Promise<void>;
}

/** Listens there; `met` hears of each peer, `failed` of what fails later. Rejects with what the host says. */
export async function unixServer(
  path: string,
  met: (peer: Socket) => void,
  failed: (fault: Error) => void,
): Promise<UnixServer> {
  let peer: Socket | undefined;
  const server = createServer((socket) => {
    // One at a time, as in QEMU: whoever comes later is turned away.
    if (peer !== undefined) {
      socket.destroy();
      return;
    }
    peer = socket;
    // A peer that goes away is no fault: the next one may come.
    socket.on("error", () => undefined);
    socket.on("close", () => (peer = undefined));
    met(socket);
  });
  // Left behind by a process that was killed. Any other file is somebody's.
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) rmSync(path);
  await isListening(server, path);
  server.on("error", failed);
  return {
    get peer() {
      return peer;
    },
    async end() {
      const closed = new Promise((resolve) => server.close(resolve));
      // Nobody reads it any more, and its end comes behind what it still sends.
      peer?.resume();
      peer?.end();
      await closed;
    },
  };
}

const isListening = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
