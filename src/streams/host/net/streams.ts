/** Implements the router's streams with the host's TCP sockets. */
import { connect, createServer, type Socket } from "node:net";

import type { HostEndpoint, HostStream, ListenEvents, StreamEvents } from "../../net/router-host.js";
import { nameOf, socketFault } from "./socket-faults.js";

export function connectStream(to: HostEndpoint, events: StreamEvents): HostStream {
  const socket = connect({ host: to.address, port: to.port, allowHalfOpen: true, noDelay: true });
  socket.pause();
  socket.on("connect", () => {
    events.connected();
  });
  hear(socket, nameOf(to), events);
  return streamOf(socket);
}

/** The returned function closes the port. Connected peers stay. */
export function listenForStreams(at: HostEndpoint, events: ListenEvents): () => void {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (socket) => {
    const peer = events.accepted(streamOf(socket));
    if (peer === undefined) socket.on("error", () => undefined).resetAndDestroy();
    else hear(socket, nameOf(at), peer);
  });
  server.on("error", (error) => {
    events.failed(socketFault(nameOf(at), error), server.listening);
  });
  server.listen(at.port, at.address);
  return () => {
    server.close();
  };
}

function hear(socket: Socket, name: string, events: StreamEvents): void {
  socket.on("data", (bytes) => {
    if (!socket.destroyed) events.received(new Uint8Array(bytes));
  });
  socket.on("end", () => {
    if (!socket.destroyed) events.ended();
  });
  socket.on("drain", () => {
    if (!socket.destroyed) events.drained();
  });
  socket.on("error", (error) => {
    events.failed(socketFault(name, error));
  });
}

const streamOf = (socket: Socket): HostStream => ({
  get unsentBytes() {
    return socket.writableLength;
  },
  write: (bytes) => socket.write(bytes),
  end: () => socket.end(),
  pause: () => socket.pause(),
  resume: () => socket.resume(),
  destroy: () => {
    socket.removeAllListeners("error").on("error", () => undefined);
    socket.resetAndDestroy();
  },
});
