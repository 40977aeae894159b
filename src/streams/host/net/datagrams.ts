/** The host's UDP sockets, as the router wants them. */
import { createSocket, type Socket } from "node:dgram";

import type {
  DatagramEvents,
  DatagramPort,
  DatagramPortEvents,
  DatagramSocket,
  HostEndpoint,
} from "../../net/router-host.js";
import { nameOf, socketFault } from "./socket-faults.js";

/** What a socket may hold that is not yet on its way; what is beyond is lost, as UDP loses it on any full queue. */
const MAX_UNSENT_BYTES = 1 << 20;
const MAX_WAITING = 64;

export function openDatagrams(to: HostEndpoint, events: DatagramEvents): DatagramSocket {
  const socket = createSocket("udp4");
  // What comes before the socket is ready for it.
  let waiting: Uint8Array[] | undefined = [];
  const { close } = hear(socket, (error) => {
    events.failed(socketFault(nameOf(to), error));
  });
  socket.on("message", (bytes) => {
    events.received(new Uint8Array(bytes));
  });
  socket.connect(to.port, to.address, () => {
    for (const bytes of waiting ?? []) socket.send(bytes);
    waiting = undefined;
  });
  return {
    send: (bytes) => {
      if (waiting === undefined) {
        if (socket.getSendQueueSize() < MAX_UNSENT_BYTES) socket.send(bytes.slice());
      } else if (waiting.length < MAX_WAITING) {
        waiting.push(bytes.slice());
      }
    },
    close,
  };
}

export function bindDatagrams(at: HostEndpoint, events: DatagramPortEvents): DatagramPort {
  const socket = createSocket("udp4");
  let isOpen = false;
  const closing = hear(socket, (error) => {
    events.failed(socketFault(nameOf(at), error), isOpen);
  });
  socket.on("message", (bytes, from) => {
    events.received(new Uint8Array(bytes), { address: from.address, port: from.port });
  });
  socket.bind(at.port, at.address, () => (isOpen = true));
  return {
    send: (bytes, to) => {
      if (isOpen && socket.getSendQueueSize() < MAX_UNSENT_BYTES)
        // A peer that is gone is no fault of the port's.
        socket.send(bytes.slice(), to.port, to.address, () => undefined);
    },
    close: closing.close,
  };
}

/** Closes once. What fails afterwards, or on the way to it, is told to nobody. */
function hear(socket: Socket, failed: (error: Error) => void): { readonly close: () => void } {
  let isClosed = false;
  socket.on("error", (error) => {
    if (!isClosed) failed(error);
  });
  return {
    close: () => {
      if (isClosed) return;
      isClosed = true;
      socket.removeAllListeners("message");
      socket.close();
    },
  };
}
