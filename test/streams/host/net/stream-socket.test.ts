// QEMU's stream sockets, with peers that are not ours: QEMU's own network behind one, and passt. A station without a
// guest finds its gateway and fetches a file by TCP, so that they try our TCP too.
import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, Socket, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { asyncScheduler, BehaviorSubject, NEVER, Subject, VirtualTimeScheduler } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { ARP_REQUEST, arpPacket, parseArp } from "../../../../src/streams/net/arp.js";
import { ETHER_TYPE, ethernetFrame, parseEthernet } from "../../../../src/streams/net/ethernet.js";
import { ipv4Packets, parseIpv4 } from "../../../../src/streams/net/ipv4.js";
import { parseReachRule } from "../../../../src/streams/net/reach.js";
import { router } from "../../../../src/streams/host/net/router.js";
import { schedulerClock } from "../../../../src/streams/host/net/scheduler-clock.js";
import { Deframer, framed, FramingError } from "../../../../src/streams/host/net/stream-framing.js";
import { MAX_UNSENT_BYTES, streamSocket } from "../../../../src/streams/host/net/stream-socket.js";
import { TcpConnection } from "../../../../src/streams/net/tcp-connection.js";
import { parseTcp, tcpPacket } from "../../../../src/streams/net/tcp-segment.js";
import type { FromWire, Wire } from "../../../../src/streams/live/wire.js";
import { requires } from "../../../support/requires.js";
import { freshSeed, seededRandom } from "../../../support/seeded-random.js";
import { withTemporaryFolder } from "../../../support/temporary-folder.js";
import { eventually, GUEST_MAC } from "../../net/fake-guest.js";
import { pass } from "../../net/pass.js";
import { isListening } from "../../../support/unix-sockets.js";

const LOOPBACK = "127.0.0.1";
const BROADCAST = "ff:ff:ff:ff:ff:ff";
const PORT = 43_210;

/** A TCP server on the loopback that says `file` to whoever sends `hello`, and then closes. */
const serving = async (file: Uint8Array): Promise<Server> => {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (hello) => {
      if (hello.toString() === "hello") socket.end(file);
    });
  }).listen(0, LOOPBACK);
  await eventually(() => server.listening, "a server");
  return server;
};

/** What the server beyond the wire sends to a station at `address`, whose way there is `gateway`. */
const fetchOver = async (wire: Wire, address: string, gateway: string, port: number): Promise<Buffer> => {
  const frames$ = new Subject<Uint8Array>();
  const received: Uint8Array[] = [];
  let isOver = false;
  let gatewayMac: string | undefined;
  const send = (destination: string, etherType: number, payload: Uint8Array): void => {
    frames$.next(ethernetFrame({ destination, source: GUEST_MAC, etherType, payload }));
  };
  const connection = new TcpConnection(
    {
      localPort: PORT,
      remotePort: port,
      initialSequence: 0xffff_fff0,
      clock: schedulerClock(asyncScheduler),
      transmit: (segment) => {
        for (const packet of ipv4Packets(tcpPacket(address, gateway, segment)))
          send(gatewayMac ?? BROADCAST, ETHER_TYPE.ipv4, packet);
      },
    },
    {
      unconsumedBytes: 0,
      connected: () => {
        connection.write(Buffer.from("hello"));
      },
      received: (bytes) => received.push(bytes),
      ended: () => {
        connection.finish();
      },
      acknowledged: () => undefined,
      closed: () => (isOver = true),
    },
  );
  const subscription = wire({ frames$, hasRoom$: NEVER }).subscribe((from) => {
    const frame = from.type === "frame" ? parseEthernet(from.frame) : undefined;
    if (frame?.etherType === ETHER_TYPE.arp) {
      const arp = parseArp(frame.payload);
      if (arp?.operation === ARP_REQUEST && arp.targetAddress === address)
        send(
          arp.senderMac,
          ETHER_TYPE.arp,
          arpPacket({
            ...arp,
            operation: 2,
            senderMac: GUEST_MAC,
            senderAddress: address,
            targetMac: arp.senderMac,
            targetAddress: arp.senderAddress,
          }),
        );
      else if (arp?.senderAddress === gateway) gatewayMac = arp.senderMac;
    }
    if (frame?.etherType !== ETHER_TYPE.ipv4 || frame.destination !== GUEST_MAC) return;
    const packet = parseIpv4(frame.payload);
    const segment = packet?.protocol === 6 ? parseTcp(packet) : undefined;
    if (segment?.destinationPort === PORT) connection.segmentArrived(segment);
  });
  const question = {
    operation: ARP_REQUEST,
    senderMac: GUEST_MAC,
    senderAddress: address,
    targetMac: "00:00:00:00:00:00",
    targetAddress: gateway,
  };
  for (let tries = 0; gatewayMac === undefined && tries < 600; tries += 1) {
    send(BROADCAST, ETHER_TYPE.arp, arpPacket(question));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  connection.open();
  await eventually(() => isOver, `the end of the connection, after ${String(Buffer.concat(received).length)} bytes`);
  connection.stop();
  subscription.unsubscribe();
  return Buffer.concat(received);
};

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else
      child.once("exit", () => {
        resolve();
      });
    child.kill("SIGTERM");
  });

const file = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) & 0xff));

test("given our own router, when a station fetches a file, then it has every byte", async () => {
  const server = await serving(file);
  const { port } = server.address() as AddressInfo;
  const rule = parseReachRule(`${LOOPBACK}:${String(port)}`);
  const wire = router({ allow: rule === undefined ? [] : [rule] }, asyncScheduler);
  assert.ok((await fetchOver(wire, "10.0.2.15", "10.0.2.2", port)).equals(file));
  server.close();
});

// Negative control, tried once: red when `framed` writes a little-endian length, as are three others here.
if (requires("a station behind QEMU's stream socket", ["qemu-system-riscv64"])) {
  test("given QEMU's network behind a stream socket of its, when a station fetches a file, then it has every byte", async () => {
    await withTemporaryFolder(async (folder) => {
      const server = await serving(file);
      const path = join(folder, "wire");
      const hub = ["-netdev", "hubport,hubid=1,id=a,netdev=s", "-netdev", "hubport,hubid=1,id=b,netdev=u"];
      const qemu = spawn(
        "qemu-system-riscv64",
        [
          ...["-M", "none", "-display", "none", "-monitor", "none", "-serial", "none"],
          ...["-netdev", `stream,id=s,server=on,addr.type=unix,addr.path=${path}`, "-netdev", "user,id=u", ...hub],
        ],
        { stdio: "ignore" },
      );
      try {
        await eventually(() => isListening(path), "QEMU's socket");
        const wire = streamSocket({ address: { type: "unix", path } }, asyncScheduler);
        const { port } = server.address() as AddressInfo;
        assert.ok((await fetchOver(wire, "10.0.2.15", "10.0.2.2", port)).equals(file));
      } finally {
        await ended(qemu);
        server.close();
      }
    });
  });
}

if (requires("a station behind passt", ["passt"])) {
  test("given passt, when a station fetches a file from the host's loopback, then it has every byte", async () => {
    await withTemporaryFolder(async (folder) => {
      // Started by root it changes to nobody.
      chmodSync(folder, 0o777);
      const server = await serving(file);
      const path = join(folder, "wire");
      const addresses = ["-4", "-a", "10.0.3.15", "-n", "24", "-g", "10.0.3.2", "-t", "none", "-u", "none"];
      const passt = spawn("passt", ["-f", "-1", "-s", path, ...addresses], { stdio: "ignore" });
      try {
        await eventually(() => isListening(path), "passt's socket");
        const wire = streamSocket({ address: { type: "unix", path } }, asyncScheduler);
        const { port } = server.address() as AddressInfo;
        assert.ok((await fetchOver(wire, "10.0.3.15", "10.0.3.2", port)).equals(file));
      } finally {
        await ended(passt);
        server.close();
      }
    });
  });
}

test("given frames in pieces of any size, when they are taken, then the frames come out whole", () => {
  const random = seededRandom(freshSeed());
  const frames = Array.from({ length: 200 }, () => new Uint8Array(1 + random(1600)).fill(random(256)));
  const stream = Buffer.concat(frames.map(framed));
  const deframer = new Deframer();
  const taken: Uint8Array[] = [];
  for (let at = 0; at < stream.length;) {
    const length = 1 + random(3000);
    taken.push(...deframer.take(stream.subarray(at, at + length)));
    at += length;
  }
  assert.equal(taken, frames);
  assert.throws(
    () => deframer.take(Buffer.from("GET / HTTP/1.1")),
    (fault: unknown) => fault instanceof FramingError,
  );
});

test("given two ends of one socket, when frames pass and an end goes, then the other's link is down, and up when it is back", async () => {
  await withTemporaryFolder(async (folder) => {
    const address = { type: "unix", path: join(folder, "wire") } as const;
    const said: string[] = [];
    const report = (message: string): void => {
      said.push(message);
    };
    const plugged = (wire: Wire) => {
      const frames$ = new Subject<Uint8Array>();
      const hasRoom$ = new BehaviorSubject(true);
      const heard: FromWire[] = [];
      const subscription = wire({ frames$, hasRoom$ }).subscribe((from) => heard.push(from));
      const links = (): boolean[] => heard.flatMap((from) => (from.type === "link" ? [from.up] : []));
      const frames = (): number => heard.filter(({ type }) => type === "frame").length;
      return {
        frames$,
        hasRoom$,
        links,
        frames,
        unplug: () => {
          subscription.unsubscribe();
        },
      };
    };
    const server = plugged(streamSocket({ address, server: true, report }, asyncScheduler));
    const client = plugged(streamSocket({ address, reconnectMs: 50, report }, asyncScheduler));
    await eventually(() => server.links().length === 2, "a connection");
    assert.equal(server.links(), [false, true]);
    client.hasRoom$.next(false);
    for (let count = 0; count < 300; count += 1) server.frames$.next(new Uint8Array(60));
    client.frames$.next(new Uint8Array(60));
    await eventually(() => server.frames() === 1, "a frame");
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.is(client.frames(), 0, "frames for a guest without room wait in the socket");
    client.hasRoom$.next(true);
    await eventually(() => client.frames() === 300, "the frames that waited");
    server.unplug();
    await eventually(() => client.links().length === 1, "the link down");
    assert.match(said.join("\n"), "the other end has closed the connection: the link is down");
    const again = plugged(streamSocket({ address, server: true }, asyncScheduler));
    await eventually(() => client.links().at(-1) === true, "the link up again");
    again.unplug();
    client.unplug();
  });
});

test("given as many bytes as a peer may leave unread, when a frame is sent, then it is lost; one that just fits arrives", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "wire");
    const lengths: number[] = [];
    const deframer = new Deframer();
    const peer = createServer((socket) =>
      socket.on("data", (bytes) => {
        for (const frame of deframer.take(bytes)) lengths.push(frame.length);
      }),
    ).listen(path);
    await eventually(() => peer.listening, "a peer");
    const frames$ = new Subject<Uint8Array>();
    const wire = streamSocket({ address: { type: "unix", path } }, asyncScheduler);
    const subscription = wire({ frames$, hasRoom$: NEVER }).subscribe();
    await eventually(() => {
      frames$.next(new Uint8Array(60));
      return lengths.length > 0;
    }, "a connection");
    // Node's socket says that so many bytes are not sent yet. A frame has 4 bytes for its length.
    const unsent = MAX_UNSENT_BYTES - 70 - 4;
    Object.defineProperty(Socket.prototype, "writableLength", { configurable: true, get: () => unsent });
    try {
      for (const length of [70, 71]) frames$.next(new Uint8Array(length));
    } finally {
      Reflect.deleteProperty(Socket.prototype, "writableLength");
    }
    frames$.next(new Uint8Array(80));
    await eventually(() => lengths.includes(80), "the last frame");
    assert.equal(
      lengths.filter((length) => length !== 60),
      [70, 80],
    );
    subscription.unsubscribe();
    peer.close();
  });
});

test("given nobody at the other end, when a machine is plugged in, then the fault says what to do", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "nothing");
    const fault = await new Promise<Error>((resolve) => {
      streamSocket(
        { address: { type: "unix", path } },
        asyncScheduler,
      )({ frames$: NEVER, hasRoom$: NEVER }).subscribe({ error: resolve });
    });
    assert.match(fault.message, `${path} is not there`);
    assert.match(fault.message, "start the other end first");
  });
});

test("given a file at the path that is to be listened at, then it stays what it is, and the fault says what to do", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "precious");
    writeFileSync(path, "precious");
    const wire = streamSocket({ address: { type: "unix", path }, server: true }, asyncScheduler);
    const fault = await new Promise<Error>((resolve) => {
      wire({ frames$: NEVER, hasRoom$: NEVER }).subscribe({ error: resolve });
    });
    assert.match(fault.message, `${path} is a file and no socket: name another path`);
    assert.is(readFileSync(path, "utf8"), "precious");
  });
});

test("given a peer that is not there for long, when it is tried again and again, then no socket is kept of the tries", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "wire");
    const scheduler = new VirtualTimeScheduler();
    const wire = streamSocket({ address: { type: "unix", path }, reconnectMs: 10 }, scheduler);
    const links: boolean[] = [];
    const subscription = wire({ frames$: NEVER, hasRoom$: NEVER }).subscribe((from) => {
      if (from.type === "link") links.push(from.up);
    });
    await eventually(() => links.length === 1, "the first try");
    // Each try is one socket of Node's, which destroys itself when it fails: at the end none is left to be destroyed
    // anew.
    const { prototype } = Socket;
    const destroy = Reflect.get<Socket, "destroy">(prototype, "destroy");
    let destroyed = 0;
    prototype.destroy = function (fault) {
      destroyed += 1;
      return destroy.call(this, fault);
    };
    try {
      for (let tries = 0; tries < 50; tries += 1) {
        const before = destroyed;
        pass(scheduler, 10);
        await eventually(() => destroyed > before, "another try");
        await new Promise((resolve) => setImmediate(resolve));
      }
      const before = destroyed;
      subscription.unsubscribe();
      assert.ok(destroyed - before <= 1, `${String(destroyed - before)} sockets were kept`);
    } finally {
      prototype.destroy = destroy;
    }
  });
});

test.run();
