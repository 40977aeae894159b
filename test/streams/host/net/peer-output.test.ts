// What is printed for a peer that reads, reads slowly, or does not.
import { connect, createServer, type Socket } from "node:net";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { HIGH_WATER_BYTES, MAX_UNREAD_BYTES, PeerOutput } from "../../../../src/streams/host/net/peer-output.js";
import { eventually } from "../../net/fake-guest.js";

/** Both ends of a connection; the reader begins paused. */
const pair = async (): Promise<{ readonly writer: Socket; readonly reader: Socket; readonly close: () => void }> => {
  let writer: Socket | undefined;
  const server = createServer((socket) => (writer = socket.on("error", () => undefined))).listen(0, "127.0.0.1");
  await eventually(() => server.listening, "a server");
  const reader = connect((server.address() as { port: number }).port, "127.0.0.1").on("error", () => undefined);
  reader.pause();
  await eventually(() => writer !== undefined, "a connection");
  const close = (): void => {
    server.close();
    writer?.destroy();
    reader.destroy();
  };
  return { writer: writer!, reader, close };
};

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

test("given single bytes, when they are printed, then they come in order", async () => {
  const { writer, reader, close } = await pair();
  const output = new PeerOutput();
  output.write(Buffer.from("lost: nobody is there"));
  output.attach(writer);
  for (const byte of Buffer.from("hello")) output.write(Uint8Array.of(byte));
  let heard = "";
  reader.on("data", (bytes) => (heard += bytes.toString())).resume();
  await eventually(() => heard === "hello", "the bytes");
  close();
});

test("given a peer that does not read, when much is printed, then the guest should wait, until it reads", async () => {
  const { writer, reader, close } = await pair();
  const output = new PeerOutput();
  output.attach(writer);
  let changes = 0;
  output.changed$.subscribe(() => (changes += 1));
  for (let count = 0; !output.isMet; count += 1) {
    assert.ok(count < 200, "the host's buffers are full by now");
    output.write(new Uint8Array(HIGH_WATER_BYTES / 8));
    await nextTurn();
  }
  assert.ok(writer.writableLength >= HIGH_WATER_BYTES && writer.writableLength < 2 * HIGH_WATER_BYTES);
  assert.is(changes, 0);
  reader.resume();
  await eventually(() => !output.isMet, "room");
  assert.is(changes, 1);
  close();
});

test("given a peer that does not read and nobody who waits, then what is beyond the limit is lost", async () => {
  const { writer, close } = await pair();
  const output = new PeerOutput();
  output.attach(writer);
  for (let count = 0; count < 40; count += 1) {
    output.write(new Uint8Array(1 << 20));
    await nextTurn();
  }
  assert.ok(writer.writableLength <= MAX_UNREAD_BYTES, String(writer.writableLength));
  output.flush();
  for (let count = 0; count < 40; count += 1) output.write(new Uint8Array(1 << 20));
  output.flush();
  assert.ok(writer.writableLength <= MAX_UNREAD_BYTES, String(writer.writableLength));
  close();
});

test("given a peer that goes while the guest waits for it, then the guest waits no more", async () => {
  const { writer, reader, close } = await pair();
  const output = new PeerOutput();
  output.attach(writer);
  for (let count = 0; count < 200 && !output.isMet; count += 1) {
    output.write(new Uint8Array(HIGH_WATER_BYTES / 2));
    await nextTurn();
  }
  reader.destroy();
  await eventually(() => !output.isMet, "the end of waiting");
  close();
});

test.run();
