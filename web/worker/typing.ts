/** What is typed at the console of a machine that runs. */
import { PageError } from "./cancelled.js";
import type { Opened } from "./opened.js";

const sockets = new WeakMap<Opened, Promise<WebSocket>>();

/** @throws {PageError} where there is no such machine, or it hears no more */
export async function typed(opened: Opened, bytes: Uint8Array): Promise<void> {
  const { live } = opened.source;
  if (live === undefined) throw new PageError("nobody is at this console any more: it is a recording");
  const socket = await (sockets.get(opened) ?? connected(opened, live.console.url));
  if (socket.readyState !== socket.OPEN) {
    sockets.delete(opened);
    throw new PageError("the machine's console hears no more");
  }
  socket.send(Uint8Array.from(bytes));
}

function connected(opened: Opened, url: string): Promise<WebSocket> {
  const connecting = new Promise<WebSocket>((resolve, reject) => {
    const socket = new WebSocket(url.replace(/^http/, "ws"));
    socket.addEventListener("open", () => {
      resolve(socket);
    });
    socket.addEventListener("error", () => {
      sockets.delete(opened);
      reject(new PageError("the machine's console does not answer"));
    });
  });
  sockets.set(opened, connecting);
  return connecting;
}
