// TCP connections with a host that is not there: their limit, who gives way at it, and how long one may take to open.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { CONNECT_TIMEOUT_MS, MAX_BUFFERED_BYTES } from "../../../src/streams/net/tcp-bridge.js";
import { MAX_CONNECTIONS } from "../../../src/streams/net/tcp-relay.js";
import { ACK, FIN, RST, SYN, type TcpSegment } from "../../../src/streams/net/tcp-segment.js";
import { FakeGuest, GUEST, HOST } from "./fake-guest.js";
import { FakeHost, FakeStream } from "./fake-host.js";

const begun = () => {
  const host = new FakeHost();
  const to = { address: GUEST, port: 22 };
  const forwards = [{ protocol: "tcp", from: { address: "127.0.0.1", port: 2222 }, to }] as const;
  const guest = new FakeGuest({ restrict: false, forwards }, host);
  const byPort = new Map<number, TcpSegment[]>();
  let seen = 0;
  const answersTo = (port: number): readonly TcpSegment[] => {
    for (const segment of guest.segments.slice(seen))
      byPort.set(segment.destinationPort, [...(byPort.get(segment.destinationPort) ?? []), segment]);
    seen = guest.segments.length;
    return byPort.get(port) ?? [];
  };
  const syn = (sourcePort: number, seq = 100): void => {
    guest.sendTcp(HOST, { sourcePort, flags: SYN, seq });
  };
  /** Opens a connection; gives the host's end of it. */
  const open = (sourcePort: number, seq = 100): FakeStream => {
    syn(sourcePort, seq);
    const stream = host.streams.at(-1) ?? new FakeStream();
    stream.events?.connected();
    const ack = ((answersTo(sourcePort).at(-1)?.seq ?? 0) + 1) >>> 0;
    guest.sendTcp(HOST, { sourcePort, flags: ACK, seq: seq + 1, ack });
    return stream;
  };
  /** The host's end says that it is done, and then the guest's: the router's waits. */
  const end = (sourcePort: number, stream: FakeStream, seq = 101): void => {
    stream.events?.ended();
    const fin = answersTo(sourcePort).at(-1);
    guest.sendTcp(HOST, { sourcePort, flags: FIN | ACK, seq, ack: ((fin?.seq ?? 0) + 1) >>> 0 });
  };
  return { host, guest, syn, open, end, answersTo };
};

const flagsOf = (segments: readonly TcpSegment[]): readonly number[] => segments.map(({ flags }) => flags);

test("given 1,500 connections one after the other, when each ends before the next, then each is opened", () => {
  const { host, open, end, answersTo } = begun();
  for (let port = 10_000; port < 11_500; port += 1) {
    end(port, open(port));
    assert.equal(flagsOf(answersTo(port)).slice(0, 2), [SYN | ACK, FIN | ACK], String(port));
  }
  assert.is(host.streams.length, 1500);
});

test("given as many open connections as may be, when there is one more, then it is refused, told, and the others stay", () => {
  const { host, guest, open, syn, answersTo } = begun();
  for (let port = 1; port <= MAX_CONNECTIONS; port += 1) open(port);
  assert.equal(guest.told, []);
  syn(60_000);
  assert.equal(flagsOf(answersTo(60_000)), [RST | ACK]);
  assert.is(host.streams.length, MAX_CONNECTIONS);
  assert.not(host.streams.some(({ isDestroyed }) => isDestroyed));
  assert.equal(guest.told, [`${String(MAX_CONNECTIONS)} TCP connections are open: further ones are refused`]);
  assert.is(host.listening[0]?.accepted(new FakeStream()), undefined, "who comes to a forward is sent away too");
});

test("given black holes in every place, when there is one connection more, then the oldest hole gives way and is refused", () => {
  const { host, syn, open, answersTo } = begun();
  for (let port = 1; port <= MAX_CONNECTIONS; port += 1) syn(port);
  open(60_000);
  assert.equal(flagsOf(answersTo(1)), [RST | ACK]);
  assert.equal(flagsOf(answersTo(2)), []);
  assert.equal(flagsOf(answersTo(60_000)), [SYN | ACK]);
  assert.equal([host.streams[0]?.isDestroyed, host.streams[1]?.isDestroyed], [true, false]);
});

test("given what has ended and what is not yet open in all places, when there is one more, then what has ended gives way", () => {
  const { host, syn, open, end, answersTo } = begun();
  for (let port = 1; port < MAX_CONNECTIONS; port += 1) syn(port);
  end(MAX_CONNECTIONS, open(MAX_CONNECTIONS));
  open(60_000);
  assert.equal(flagsOf(answersTo(60_000)), [SYN | ACK]);
  assert.is(host.streams[0]?.isDestroyed, false);
});

test("given a host's end that does not connect, when its time is over, then the guest is refused and the socket is let go", () => {
  const { host, guest, syn, answersTo } = begun();
  syn(1);
  guest.pass(CONNECT_TIMEOUT_MS - 1);
  assert.equal([host.streams[0]?.isDestroyed, flagsOf(answersTo(1))], [false, []]);
  guest.pass(1);
  assert.equal([host.streams[0]?.isDestroyed, flagsOf(answersTo(1))], [true, [RST | ACK]]);
});

test("given a host's end that is not yet connected, when the guest resets, then it is let go", () => {
  const { host, guest, syn } = begun();
  syn(1);
  guest.sendTcp(HOST, { sourcePort: 1, flags: RST, seq: 101 });
  assert.is(host.streams[0]?.isDestroyed, true);
});

test("given a fault of the host's own, when a connection fails, then the guest is refused and a user told; a refusal is the guest's alone", () => {
  const { host, guest, syn, answersTo } = begun();
  syn(1);
  host.streams[0]?.events?.failed({ reason: "refused", message: "nobody" });
  syn(2);
  host.streams[1]?.events?.failed({ reason: "host", message: "no more files" });
  assert.equal([flagsOf(answersTo(1)), flagsOf(answersTo(2))], [[RST | ACK], [RST | ACK]]);
  assert.equal(guest.told, ["no more files"]);
});

// RFC 1122 §4.2.2.13.
test("given a connection that ended, when its ports are used again with higher numbers, then it opens at once, beyond the old one's", () => {
  const { open, end, answersTo } = begun();
  let last: number | undefined;
  for (let count = 0; count < 4; count += 1) {
    const seq = 1000 + count * 1_000_000;
    const before = answersTo(40_000).length;
    end(40_000, open(40_000, seq), seq + 1);
    const answer = answersTo(40_000)[before];
    assert.is(answer?.flags, SYN | ACK, String(count));
    if (last !== undefined) assert.ok((((answer?.seq ?? 0) - last) | 0) > 0, "beyond all that was used");
    last = answersTo(40_000).at(-1)?.seq;
  }
});

test("given a connection that ended, when a SYN comes with a number that it has seen, then it opens nothing", () => {
  const { host, open, end, syn, answersTo } = begun();
  end(40_000, open(40_000));
  syn(40_000, 101);
  assert.equal([answersTo(40_000).at(-1)?.flags, host.streams.length], [ACK, 1]);
  syn(40_000, 102);
  assert.is(host.streams.length, 2, "the next that it has not seen does");
});

test("given a fault at a forward's open port, then the machine goes on and it is told", () => {
  const { host, guest } = begun();
  host.listening[0]?.failed({ reason: "host", message: "no more files" }, true);
  assert.equal([guest.fault, guest.told], [undefined, ["no more files"]]);
  host.listening[0]?.failed({ reason: "host", message: "taken" }, false);
  assert.is(guest.fault?.message, "taken");
});

test("given a host's end with more than the guest takes, then it is paused, and resumed when the guest has taken", () => {
  const { guest, open, answersTo } = begun();
  const stream = open(1);
  assert.is(stream.isPaused, false);
  stream.events?.received(new Uint8Array(MAX_BUFFERED_BYTES));
  assert.is(stream.isPaused, false);
  stream.events?.received(new Uint8Array(1));
  assert.is(stream.isPaused, true);
  for (let tries = 0; tries < 100 && stream.isPaused; tries += 1) {
    const last = answersTo(1).at(-1);
    const ack = ((last?.seq ?? 0) + (last?.payload.length ?? 0)) >>> 0;
    guest.sendTcp(HOST, { sourcePort: 1, flags: ACK, seq: 101, ack });
  }
  assert.is(stream.isPaused, false);
});

test.run();
