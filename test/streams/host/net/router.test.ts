// The router on Node's sockets: what the host says of a port reaches the guest, and more visitors than files end
// nothing.
import { execFile } from "node:child_process";
import { createSocket } from "node:dgram";
import { connect, createServer, type AddressInfo } from "node:net";
import { promisify } from "node:util";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { TYPESCRIPT } from "../../../../scripts/typescript/node-words.js";
import { parseReachRule } from "../../../../src/streams/net/reach.js";
import { SYN } from "../../../../src/streams/net/tcp-segment.js";
import { eventually, FakeGuest, HOST } from "../../net/fake-guest.js";

const LOOPBACK = "127.0.0.1";

const everything = [parseReachRule(`${LOOPBACK}:*`)].flatMap((rule) => rule ?? []);

const freeUdpPort = async (): Promise<number> => {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, LOOPBACK, resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
};

test("given a UDP port of the host at which nobody listens, when the guest sends to it, then it hears so each time", async () => {
  const destinationPort = await freeUdpPort();
  const guest = new FakeGuest({ allow: everything });
  for (let count = 1; count <= 3; count += 1) {
    guest.sendUdp({ destination: HOST, sourcePort: 4000, destinationPort, payload: Buffer.from("anyone?") });
    await eventually(() => guest.icmp.length === count, "an ICMP message");
    assert.equal([...(guest.icmp.at(-1)?.subarray(0, 2) ?? [])], [3, 3]);
  }
  guest.unplug();
});

test("given port 0, when the guest goes to it, then it is told, and the process lives", async () => {
  const guest = new FakeGuest({ restrict: false });
  guest.sendUdp({ destination: HOST, sourcePort: 4000, destinationPort: 0, payload: Buffer.from("x") });
  guest.sendTcp(HOST, { destinationPort: 0, flags: SYN });
  guest.sendUdp({ destination: HOST, sourcePort: 0, destinationPort: 9, payload: Buffer.from("x") });
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.is(guest.segments.length, 1);
  assert.ok(guest.icmp.length >= 1);
  assert.is(guest.fault, undefined);
  guest.unplug();
});

/** In a process of its own with few files: whether the router still serves after more visitors than these. */
const VISITED = `
import { connect } from "node:net";
import { router } from ${JSON.stringify(new URL("../../../../src/streams/host/net/router.ts", import.meta.url).href)};
import { asyncScheduler, NEVER } from "rxjs";
const port = Number(process.argv[1]);
const forwards = [{ protocol: "tcp", from: { address: "${LOOPBACK}", port }, to: { address: "10.0.2.15", port: 22 } }];
let fault = "none";
router({ forwards }, asyncScheduler)({ frames$: NEVER, hasRoom$: NEVER }).subscribe({ error: (error) => (fault = error.message) });
setTimeout(() => { process.stdout.write(fault); process.exit(0); }, 3000);
`;

test("given more visitors at a forward's port than the process may have files, then the network goes on", async () => {
  const probe = createServer().listen(0, LOOPBACK);
  await eventually(() => probe.listening, "a port");
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  const visitors: ReturnType<typeof connect>[] = [];
  const visiting = setInterval(() => {
    for (let count = 0; count < 10 && visitors.length < 300; count += 1)
      visitors.push(connect(port, LOOPBACK).on("error", () => undefined));
  }, 50);
  const argv = [...TYPESCRIPT, "--input-type=module", "-e", VISITED, String(port)];
  const shell = ["-c", 'ulimit -n 60; exec "$0" "$@"', process.execPath, ...argv];
  const fault = await promisify(execFile)("bash", shell).then(({ stdout }) => stdout);
  clearInterval(visiting);
  for (const visitor of visitors) visitor.destroy();
  assert.ok(visitors.length > 60, `${String(visitors.length)} visitors`);
  assert.is(fault, "none");
});

test.run();
