// UDP ports of the host that lead to the guest: where it sees who speaks, and how many there are.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_UDP_PEERS, UdpForwards } from "../../../src/streams/net/udp-forwards.js";
import type { PortForward } from "../../../src/streams/net/router-options.js";
import { FakeGuest, GUEST, HOST } from "./fake-guest.js";
import { FakeHost } from "./fake-host.js";

const forward = (port: number): PortForward => ({
  protocol: "udp",
  from: { address: "127.0.0.1", port },
  to: { address: GUEST, port: port + 1 },
});

const begun = (forwards: number) => {
  const host = new FakeHost();
  const guest = new FakeGuest({ forwards: Array.from({ length: forwards }, (_, index) => forward(2 * index)) }, host);
  guest.sendUdp({ destination: HOST, sourcePort: 1, destinationPort: 1, payload: new Uint8Array(0) });
  const peer = (port: number) => ({ address: "127.0.0.1", port });
  return { host, guest, peer };
};

test("given many forwards, when a peer comes to each, then each is seen at a port of its own, which is one", () => {
  const { host, guest, peer } = begun(100);
  for (const { events } of host.ports) events.received(Uint8Array.of(1), peer(5000));
  const ports = guest.datagrams.map(({ sourcePort }) => sourcePort);
  assert.is(new Set(ports).size, 100);
  assert.ok(ports.every((port) => port >= 49_152 && port <= 65_535));
  guest.sendUdp({
    destination: HOST,
    sourcePort: 2 * 99 + 1,
    destinationPort: ports[99] ?? 0,
    payload: Uint8Array.of(7),
  });
  assert.equal(host.ports[99]?.sent, [[Uint8Array.of(7), peer(5000)]]);
});

test("given a peer's port, when another program of the guest's sends to it, then it does not reach the peer", () => {
  const { host, guest, peer } = begun(1);
  host.ports[0]?.events.received(Uint8Array.of(1), peer(5000));
  const destinationPort = guest.datagrams[0]?.sourcePort ?? 0;
  guest.sendUdp({ destination: HOST, sourcePort: 999, destinationPort, payload: Uint8Array.of(7) });
  assert.equal(host.ports[0]?.sent, []);
});

test("given as many peers as may be, when there is one more, then the longest unheard is forgotten, and that is told", () => {
  const { host, guest, peer } = begun(1);
  const port = host.ports[0];
  for (let index = 0; index < MAX_UDP_PEERS; index += 1) port?.events.received(Uint8Array.of(1), peer(1000 + index));
  assert.equal(guest.told, []);
  port?.events.received(Uint8Array.of(1), peer(1000 + MAX_UDP_PEERS));
  assert.match(guest.told[0] ?? "", `more than ${String(MAX_UDP_PEERS)} peers`);
  const [first, second] = guest.datagrams;
  const icmpBefore = guest.icmp.length;
  for (const seen of [first, second])
    guest.sendUdp({
      destination: HOST,
      sourcePort: 1,
      destinationPort: seen?.sourcePort ?? 0,
      payload: Uint8Array.of(9),
    });
  assert.equal(port?.sent, [[Uint8Array.of(9), peer(1001)]]);
  assert.is(guest.icmp.length, icmpBefore + 1, "nobody is there any more");
});

test("given ports used up, when peers come and go for long, then ports are used again", () => {
  const host = new FakeHost();
  const ports: number[] = [];
  const clock = { now: () => 0, after: () => () => undefined };
  const forwards = new UdpForwards(clock, host, { toGuest: (_, port) => ports.push(port), report: () => undefined });
  forwards.listen(forward(0), () => undefined);
  for (let index = 0; index < 20_000; index += 1)
    host.ports[0]?.events.received(Uint8Array.of(1), { address: "127.0.0.1", port: index });
  assert.ok(ports.every((port) => port >= 49_152 && port <= 65_535));
  assert.is(new Set(ports.slice(-MAX_UDP_PEERS)).size, MAX_UDP_PEERS);
});

test("given a port that can't be had, then it fails; one that fails later is only told", () => {
  const { host, guest } = begun(1);
  host.ports[0]?.events.failed({ reason: "host", message: "later" }, true);
  assert.equal([guest.told, guest.fault], [["later"], undefined]);
  host.ports[0]?.events.failed({ reason: "host", message: "at once" }, false);
  assert.is(guest.fault?.message, "at once");
});

test.run();
