// Files by TFTP, as a guest's firmware fetches them.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_NAME_LENGTH, MAX_TRANSFERS, TftpServer } from "../../../src/streams/net/tftp-server.js";
import { FakeGuest, HOST } from "./fake-guest.js";
import { FakeHost } from "./fake-host.js";

const file = Uint8Array.from({ length: 3000 }, (_, index) => index % 251);

const begun = ({ tftp }: { tftp?: string } = { tftp: "/srv" }) => {
  const host = new FakeHost();
  host.files = new Map([
    ["/srv/kernel", file],
    ["/srv/even", file.slice(0, 1024)],
    ["/srv/empty", new Uint8Array(0)],
  ]);
  const guest = new FakeGuest(tftp === undefined ? {} : { tftp }, host);
  /** What comes back at once. */
  const send = (message: Uint8Array, sourcePort = 2000): Buffer[] => {
    const before = guest.datagrams.length;
    guest.sendUdp({ destination: HOST, sourcePort, destinationPort: 69, payload: message });
    return guest.datagrams.slice(before).map(({ payload }) => Buffer.from(payload));
  };
  const read = (name: string, options: readonly string[] = [], port = 2000, mode = "octet"): Buffer[] =>
    send(Buffer.from(`\0\x01${[name, mode, ...options].map((text) => `${text}\0`).join("")}`), port);
  const acknowledge = (block: number, port = 2000): Buffer[] =>
    send(Buffer.from([0, 4, (block >> 8) & 0xff, block & 0xff]), port);
  return { host, guest, send, read, acknowledge };
};

const errorOf = (messages: readonly Buffer[]): readonly unknown[] =>
  messages.map((message) => [message.readUInt16BE(0), message.readUInt16BE(2)]);

const NOT_FOUND = [[5, 1]];
const ACCESS_VIOLATION = [[5, 2]];

// Without an answer U-Boot asks for ever.
test("given no folder, when a file is asked for, then that is refused at once", () => {
  assert.equal(errorOf(begun({}).read("boot.scr")), ACCESS_VIOLATION);
});

test("given a folder, when a file is read, then it comes in blocks of 512 bytes, the last of which is shorter", () => {
  const { host, read, acknowledge } = begun();
  const parts: Buffer[] = [];
  for (let message = read("kernel")[0], block = 1; message !== undefined; block += 1) {
    assert.equal([message.readUInt16BE(0), message.readUInt16BE(2)], [3, block]);
    parts.push(message.subarray(4));
    [message] = acknowledge(block);
  }
  assert.ok(Buffer.concat(parts).equals(file));
  assert.is(parts.length, 6);
  assert.is(host.openFiles.size, 0, "it is closed");
});

test("given a file of whole blocks, or of nothing, when it is read, then an empty block ends it", () => {
  const { read, acknowledge } = begun();
  read("even");
  acknowledge(1);
  assert.equal(acknowledge(2), [Buffer.from([0, 3, 0, 3])]);
  assert.equal(acknowledge(3), []);
  assert.equal(read("empty"), [Buffer.from([0, 3, 0, 1])]);
});

// RFC 2347 to 2349.
test("given options, when a file is read, then those that are known are answered first, and hold", () => {
  const { read, acknowledge } = begun();
  const [options] = read("kernel", ["TSIZE", "0", "blksize", "1468", "timeout", "5", "windowsize", "8"]);
  assert.is(options?.toString("latin1"), "\0\x06tsize\x003000\0blksize\x001468\0");
  assert.is(acknowledge(0)[0]?.length, 4 + 1468);
});

test("given a block size that is too large, too small or none, then it is the wire's, or the default", () => {
  const { read } = begun();
  assert.match(read("kernel", ["blksize", "65464"])[0]?.toString("latin1") ?? "", "blksize\x001468\0");
  for (const wrong of ["7", "x", "-1", "1e999", "8.5"])
    assert.is(read("kernel", ["blksize", wrong])[0]?.length, 4 + 512, wrong);
  assert.match(read("kernel", ["blksize", "8"])[0]?.toString("latin1") ?? "", "blksize\x008\0");
});

test("given a file of more than 65,535 blocks, when it is read, then their numbers begin anew", () => {
  const host = new FakeHost();
  host.files = new Map([["/srv/large", new Uint8Array(8 * 65_540)]]);
  const server = new TftpServer({ now: () => 0, after: () => () => undefined }, host, "/srv");
  let last: Uint8Array = new Uint8Array(0);
  const client = { key: "client", answer: (message: Uint8Array): unknown => (last = message) };
  server.arrived(client, Buffer.from("\0\x01large\0octet\0blksize\x008\0"));
  for (let block = 0; block < 65_537; block += 1)
    server.arrived(client, Uint8Array.of(0, 4, (block >> 8) & 0xff, block & 0xff));
  assert.equal([...last.subarray(0, 4)], [0, 3, 0, 1]);
});

// RFC 1123 §4.2.3.1: the sorcerer's apprentice.
test("given an acknowledgment that comes twice, or of another block, then nothing is sent for it", () => {
  const { read, acknowledge } = begun();
  read("kernel");
  assert.is(acknowledge(1).length, 1);
  assert.equal([acknowledge(1), acknowledge(3), acknowledge(0)], [[], [], []]);
  assert.is(acknowledge(2).length, 1);
});

test("given a block that is lost, when nothing comes for a second, then it is sent again; after five times the file is closed", () => {
  const { host, guest, read, acknowledge } = begun();
  read("kernel");
  const before = guest.datagrams.length;
  guest.pass(2_000);
  assert.is(guest.datagrams.length, before + 2);
  assert.equal(guest.datagrams.at(-1), guest.datagrams[0]);
  assert.is(acknowledge(1).length, 1);
  guest.pass(60_000);
  assert.is(guest.datagrams.length, before + 2 + 1 + 5);
  assert.is(host.openFiles.size, 0);
});

test("given a name that is not there, too long, or a mode that is not binary, then that is refused", () => {
  const { read } = begun();
  assert.equal(errorOf(read("nothing")), NOT_FOUND);
  assert.equal(errorOf(read("kernel", [], 2000, "netascii")), [[5, 4]]);
  assert.is(read("kernel", [], 2000, "OCTET")[0]?.[1], 3);
  const { host, read: readLong } = begun();
  const names = [MAX_NAME_LENGTH, MAX_NAME_LENGTH + 1].map((length) => "n".repeat(length));
  host.files = new Map(names.map((name) => [`/srv/${name}`, file]));
  assert.is(readLong(names[0] ?? "")[0]?.[1], 3);
  assert.equal(errorOf(readLong(names[1] ?? "")), NOT_FOUND);
});

test("given a guest that writes, then that is refused; that tells of an error, then the file is closed", () => {
  const { host, read, send } = begun();
  assert.equal(errorOf(send(Buffer.from("\0\x02kernel\0octet\0"))), ACCESS_VIOLATION);
  read("kernel");
  assert.is(host.openFiles.size, 1);
  send(Buffer.from([0, 5, 0, 0, 0]));
  assert.is(host.openFiles.size, 0);
});

test("given as many files as may be read at once, when there is one more, then the longest unused is closed", () => {
  const { host, read, acknowledge } = begun();
  host.files = new Map(Array.from({ length: MAX_TRANSFERS + 1 }, (_, index) => [`/srv/${String(index)}`, file]));
  for (let index = 0; index < MAX_TRANSFERS; index += 1) read(String(index), [], 3000 + index);
  acknowledge(1, 3000);
  read(String(MAX_TRANSFERS), [], 5000);
  assert.is(host.openFiles.size, MAX_TRANSFERS);
  assert.equal([host.openFiles.has("/srv/0"), host.openFiles.has("/srv/1")], [true, false]);
  assert.equal([acknowledge(1, 3001).length, acknowledge(2, 3000).length], [0, 1]);
});

test("given messages that are none, then nothing comes back", () => {
  const { send } = begun();
  for (const wrong of [
    "",
    "\0",
    "\0\x01",
    "\0\x01kernel",
    "\0\x01kernel\0octet",
    "\0\x04\0",
    "\0\x09x\0",
    "\xff\xff\0\0",
  ])
    assert.equal(send(Buffer.from(wrong, "latin1")), [], JSON.stringify(wrong));
});

test.run();
