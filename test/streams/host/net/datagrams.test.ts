// Datagrams at the bounds of what waits on the host.
import { createSocket, Socket } from "node:dgram";

import { test } from "uvu";
import * as assert from "uvu/assert";

import {
  bindDatagrams,
  MAX_UNSENT_BYTES,
  MAX_WAITING,
  openDatagrams,
} from "../../../../src/streams/host/net/datagrams.js";
import type { DatagramSocket } from "../../../../src/streams/net/router-host.js";
import { eventually } from "../../net/fake-guest.js";

const LOOPBACK = "127.0.0.1";

interface Closable {
  close(): void;
}

interface Peer {
  readonly port: number;
  /** The first byte of each datagram. */
  readonly heard: readonly number[];
  /** Closes it when the test is over. */
  readonly keep: <T extends Closable>(socket: T) => T;
}

/** A peer on the loopback. */
const withPeer = async (work: (peer: Peer) => Promise<void>): Promise<void> => {
  const heard: number[] = [];
  const socket = createSocket("udp4", (bytes) => heard.push(bytes[0] ?? -1));
  const opened: Closable[] = [socket];
  await new Promise<void>((resolve) => socket.bind(0, LOOPBACK, resolve));
  try {
    const keep = <T extends Closable>(one: T): T => {
      opened.push(one);
      return one;
    };
    await work({ port: socket.address().port, heard, keep });
  } finally {
    for (const one of opened) one.close();
  }
};

const failed = (): never => {
  throw new Error("it fails");
};

const opened = (port: number): DatagramSocket =>
  openDatagrams({ address: LOOPBACK, port }, { received: () => undefined, failed });

/** Node's sockets say that so many bytes are not sent yet. */
const withUnsent = async (bytes: number, work: () => void | Promise<void>): Promise<void> => {
  const { prototype } = Socket;
  const queued = Reflect.get<Socket, "getSendQueueSize">(prototype, "getSendQueueSize");
  prototype.getSendQueueSize = () => bytes;
  try {
    await work();
  } finally {
    prototype.getSendQueueSize = queued;
  }
};

/** Sends a datagram that fills the queue, then one of a byte more, then one into an empty queue. */
const fill = async (send: (bytes: Uint8Array) => void): Promise<void> => {
  await withUnsent(MAX_UNSENT_BYTES - 2, () => {
    send(Uint8Array.of(1, 0));
    send(Uint8Array.of(2, 0, 0));
  });
  send(Uint8Array.of(3));
};

test("given as many datagrams as may wait for the socket, when one more is sent, then that is lost and the others arrive", () =>
  withPeer(async ({ port, heard, keep }) => {
    const socket = keep(opened(port));
    for (let index = 0; index <= MAX_WAITING; index += 1) socket.send(Uint8Array.of(index));
    await eventually(() => heard.length >= MAX_WAITING, "the datagrams that waited");
    socket.send(Uint8Array.of(255));
    await eventually(() => heard.includes(255), "one that did not wait");
    assert.equal(heard, [...Array.from({ length: MAX_WAITING }, (_, index) => index), 255]);
  }));

test("given as many unsent bytes as may be, when a datagram is sent, then it is lost; one that just fits arrives", () =>
  withPeer(async ({ port, heard, keep }) => {
    const socket = keep(opened(port));
    socket.send(Uint8Array.of(0));
    await eventually(() => heard.length === 1, "the first one");
    await fill((bytes) => {
      socket.send(bytes);
    });
    await eventually(() => heard.includes(3), "the last one");
    assert.equal(heard, [0, 1, 3]);
  }));

test("given as many unsent bytes as may be, when a forwarded port answers, then the answer is lost; one that just fits arrives", () =>
  withPeer(async ({ port, heard, keep }) => {
    const at = createSocket("udp4");
    await new Promise<void>((resolve) => at.bind(0, LOOPBACK, resolve));
    const own = at.address().port;
    at.close();
    const bound = keep(bindDatagrams({ address: LOOPBACK, port: own }, { received: () => undefined, failed }));
    const send = (bytes: Uint8Array): void => {
      bound.send(bytes, { address: LOOPBACK, port });
    };
    await eventually(() => {
      send(Uint8Array.of(0));
      return heard.length > 0;
    }, "the first one");
    await fill(send);
    await eventually(() => heard.includes(3), "the last one");
    assert.equal(
      heard.filter((first) => first !== 0),
      [1, 3],
    );
  }));

test.run();
