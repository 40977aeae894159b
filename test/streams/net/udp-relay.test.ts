// The guest's datagrams to elsewhere: sockets, their limit, and what an error becomes.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_UDP_FLOWS } from "../../../src/streams/net/udp-relay.js";
import { FakeGuest, GUEST } from "./fake-guest.js";
import { FakeHost } from "./fake-host.js";

const PEER = "192.0.2.1";

const begun = () => {
  const host = new FakeHost();
  const guest = new FakeGuest({ restrict: false }, host);
  const send = (sourcePort: number, destinationPort = 7): void => {
    guest.sendUdp({ destination: PEER, sourcePort, destinationPort, payload: Uint8Array.of(sourcePort & 0xff) });
  };
  return { host, guest, send };
};

test("given as many pairs of ports as may be, when there is one more, then the longest unused is closed, and that is told once", () => {
  const { host, guest, send } = begun();
  for (let port = 1; port <= MAX_UDP_FLOWS; port += 1) send(port);
  send(1);
  assert.equal([host.datagrams.length, guest.told], [MAX_UDP_FLOWS, []]);
  send(MAX_UDP_FLOWS + 1);
  send(MAX_UDP_FLOWS + 2);
  const closed = host.datagrams.flatMap(({ isClosed }, index) => (isClosed ? [index + 1] : []));
  assert.equal(closed, [2, 3], "port 1 was used again");
  assert.is(guest.told.length, 1);
  assert.match(guest.told[0] ?? "", `more than ${String(MAX_UDP_FLOWS)} pairs of UDP ports`);
  host.datagrams.at(-1)?.events.received(Uint8Array.of(5));
  assert.equal(guest.datagrams.at(-1), {
    source: PEER,
    sourcePort: 7,
    destination: GUEST,
    destinationPort: MAX_UDP_FLOWS + 2,
    payload: Uint8Array.of(5),
  });
});

// RFC 1122 §4.1.3.1.
test("given a host that says that nobody is there, then the guest is told by ICMP about the datagram that it sent last", () => {
  for (const [reason, code] of [
    ["refused", 3],
    ["hostUnreachable", 1],
    ["networkUnreachable", 0],
  ] as const) {
    const { host, guest, send } = begun();
    send(1000);
    send(1000);
    host.datagrams[0]?.events.failed({ reason, message: "" });
    const [message] = guest.icmp;
    assert.equal([message?.[0], message?.[1]], [3, code]);
    const quoted = Buffer.from(message?.subarray(8) ?? []);
    assert.equal([quoted.readUInt16BE(20), quoted.readUInt16BE(22)], [1000, 7]);
    send(1000);
    assert.equal([host.datagrams.length, host.datagrams[0]?.isClosed], [2, true], "the next one has a new socket");
  }
});

test("given a fault of the host's own, such as no more files, then a user is told, and the guest hears nothing", () => {
  const { host, guest, send } = begun();
  send(1000);
  host.datagrams[0]?.events.failed({ reason: "host", message: "192.0.2.1:7 needs one more file" });
  assert.equal([guest.told, guest.icmp], [["192.0.2.1:7 needs one more file"], []]);
});

test("given two minutes without a datagram either way, then the socket is closed", () => {
  const { host, guest, send } = begun();
  send(1000);
  guest.pass(119_000);
  host.datagrams[0]?.events.received(Uint8Array.of(1));
  guest.pass(119_999);
  assert.is(host.datagrams[0]?.isClosed, false);
  guest.pass(1);
  assert.is(host.datagrams[0]?.isClosed, true);
});

test("given port 0, when the guest sends to it, then it is refused and no socket is opened; from it, it is like any other", () => {
  const { host, guest, send } = begun();
  send(1000, 0);
  assert.equal([host.datagrams.length, guest.icmp[0]?.[0]], [0, 3]);
  send(0);
  assert.is(host.datagrams.length, 1);
});

test.run();
