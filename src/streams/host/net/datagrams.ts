/** Implements the router's datagram sockets with Node's. */
import { createSocket, type Socket } from "node:dgram";

import type {
  DatagramEvents,
  DatagramPort,
  DatagramPortEvents,
  DatagramSocket,
  HostEndpoint,
} from "../../net/router-host.js";
import { nameOf, socketFault } from "./socket-faults.js";

/** The limit on bytes that are not yet sent. Datagrams beyond it are lost, as on any full UDP queue. */
export const MAX_UNSENT_BYTES = 1 << 20;
/** The limit on datagrams that are sent before the socket is ready. */
export const MAX_WAITING = 64;

const hasRoomFor = (socket: Socket, bytes: Uint8Array): boolean =>
  socket.getSendQueueSize() + bytes.length <= MAX_UNSENT_BYTES;

export function openDatagrams(to: HostEndpoint, events: DatagramEvents): DatagramSocket {
  const socket = createSocket("udp4");
  // Datagrams that are sent before the socket is ready.
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
        if (hasRoomFor(socket, bytes)) socket.send(bytes.slice());
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
      if (isOpen && hasRoomFor(socket, bytes))
        // A peer that is gone is not a fault of the port.
        socket.send(bytes.slice(), to.port, to.address, () => undefined);
    },
    close: closing.close,
  };
}

/** Closes once. Failures during or after that are ignored. */
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
