/** Peers of the gdb server that are no gdb: the server stays, keeps little of them, and the next one is served. */
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { setTimeout } from "node:timers/promises";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { hashOfState } from "../../../../src/machine/state-hash.js";
import { MAX_PACKET_BYTES, packetOf } from "../../../../src/streams/session/gdb/packets.js";
import { gdbServer, MAX_UNREAD_BYTES, serve } from "../../../../src/streams/session/gdb/server.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { hostTime } from "../../../../src/streams/time/host-time.js";
import { briefTurns } from "../../../support/brief-turns.js";
import { targetOf } from "../../../support/gdb-walk.js";
import { freshSeed, oneOf, seededRandom, type Random } from "../../../support/seeded-random.js";
import { withTemporaryFolder } from "../../../support/temporary-folder.js";

const seed = freshSeed();
const RAM = "80000000";
const CONNECTIONS = 2000;

const packet = (body: string): Buffer => Buffer.from(packetOf(body));

const PACKETS = [
  "vFile:open:2f,0,0",
  "vRun;61",
  "QSetWorkingDir:",
  "qL1200000000000000000",
  "!",
  "R",
  "t0,0",
  "i",
  "I",
];
const NUMBERS = ["-1", "ffffffffffffffff", "0", "fffffffffffffffff", "7fffffff", "-80000000,-1", ",", "1,", "80000000"];
const NAMES = [
  "m",
  "M",
  "p",
  "P",
  "Hg",
  "Hc",
  "Z0,",
  "Z2,",
  "z3,",
  "T",
  "qRcmd,",
  "qXfer:features:read:target.xml:",
  "X",
];

const garbage = (random: Random): Buffer => {
  switch (random(4)) {
    case 0:
      return Buffer.from(Array.from({ length: random(2000) }, () => random(256)));
    case 1:
      return packet(oneOf(random, PACKETS));
    case 2:
      return packet(`${oneOf(random, NAMES)}${oneOf(random, NUMBERS)},${oneOf(random, NUMBERS)}`);
    default:
      return packet(`X${RAM},10:${String.fromCharCode(...Array.from({ length: 16 }, () => random(256)))}`);
  }
};

/** What each does before it goes, or is let go. */
const PEERS: Readonly<Record<string, (socket: Socket, random: Random) => Promise<void>>> = {
  "noise and odd packets": async (socket, random) => {
    for (let sent = 0; sent < 200 && !socket.destroyed; sent += 1) {
      socket.write(garbage(random));
      await setTimeout(1);
    }
  },
  "half a packet": (socket) => {
    socket.write("$m8000");
    return Promise.resolve();
  },
  "a packet of 1 MB": async (socket) => {
    socket.write(`$${"a".repeat(1 << 20)}#00`);
    await setTimeout(50);
  },
  "a packet without an end": async (socket) => {
    socket.write(`$${"a".repeat(4 << 20)}`);
    await setTimeout(50);
  },
  "wrong checksums": async (socket) => {
    socket.write("$g#00".repeat(10_000));
    await setTimeout(50);
  },
  "one that goes while the machine runs": async (socket) => {
    socket.write(packet("vCont;c"));
    await setTimeout(5);
  },
  "one that goes while a question is asked, with more behind it": async (socket) => {
    const question = Buffer.from("output").toString("hex");
    socket.write(Buffer.concat([packet(`qRcmd,${question}`), ...Array.from({ length: 20 }, () => packet("bc"))]));
    await setTimeout(5);
  },
  "a flood of commands": async (socket) => {
    const command = packet(`qRcmd,${Buffer.from("info registers").toString("hex")}`);
    socket.write(Buffer.concat(Array.from({ length: 1000 }, () => command)));
    await setTimeout(50);
  },
  "watchpoints over more than there is": async (socket) => {
    for (let one = 0; one < 300; one += 1) {
      socket.write(packet(`Z4,${(0x8000_0000 + one).toString(16)},100000`));
      await setTimeout(0);
    }
    socket.write(packet("s"));
    await setTimeout(50);
  },
};

/** Ends when the server has closed it too. */
async function visit(path: string, what: (socket: Socket) => Promise<void>): Promise<void> {
  const socket = connect(path).on("error", () => undefined);
  socket.resume();
  await what(socket);
  await new Promise((resolve) => setImmediate(resolve));
  socket.destroy();
}

/** A peer that asks what a gdb does, once there is room for it. */
async function asked(path: string, body: string): Promise<string> {
  for (;;) {
    const socket = connect(path).on("error", () => undefined);
    let heard = "";
    socket.on("data", (bytes: Buffer) => (heard += bytes.toString("latin1")));
    socket.write(packet(body));
    while (!socket.destroyed && !/\$.*#..$/s.test(heard)) await setTimeout(1);
    const wasServed = !socket.destroyed;
    socket.destroy();
    if (wasServed) return /\$(.*)#..$/s.exec(heard)?.[1] ?? "";
  }
}

test(`given peers that are no gdb (FOLDVM_SEED=${String(seed)}), when each has gone, then the next is served, and nothing is other`, () =>
  withTemporaryFolder(async (folder) => {
    const random = seededRandom(seed);
    const path = join(folder, "gdb.socket");
    const recording = openRecording("logs/session.fold");
    const target = targetOf(recording);
    const end = await gdbServer(target, { type: "unix", path }, { killed: () => undefined, left: () => undefined });
    for (const [name, peer] of Object.entries(PEERS)) {
      await visit(path, (socket) => peer(socket, random));
      assert.match(await asked(path, "?"), /^T05thread:1;$/, name);
      assert.is(target.stops.points.all.length, 0, name);
      const { position } = target.present();
      await setTimeout(10);
      assert.equal(target.present().position, position, `${name}: it stands`);
      assert.is(hashOfState(target.state()), hashOfState(recording.at(position)), name);
    }
    await end();
    recording.close();
  }));

test("given some thousand connections, when they come and go, then the one that is served is", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "gdb.socket");
    const recording = openRecording("logs/session.fold");
    const end = await gdbServer(
      targetOf(recording),
      { type: "unix", path },
      { killed: () => undefined, left: () => undefined },
    );
    for (let one = 0; one < CONNECTIONS; one += 1) {
      const socket = connect(path).on("error", () => undefined);
      socket.write("$");
      if (one % 100 === 0) await setTimeout(1);
      if (one % 2 === 0) socket.destroy();
      else socket.on("close", () => undefined).unref();
      setTimeout(20, undefined, { ref: false }).then(
        () => socket.destroy(),
        () => undefined,
      );
    }
    await setTimeout(100);
    assert.match(await asked(path, "?"), /^T05/);
    await end();
    recording.close();
  }));

/** Takes so many pieces, and then nothing. */
function deaf(pieces = 0): Writable {
  let left = pieces;
  return new Writable({
    write: (_bytes, _encoding, taken) => {
      left -= 1;
      if (left >= 0) taken();
    },
  });
}

test("given a peer that does not read, when it asks on and on, then it is not heard until it does", async () => {
  const recording = openRecording("logs/session.fold");
  const [input, output] = [new PassThrough(), deaf()];
  serve(targetOf(recording), { input, output }, { killed: () => undefined, left: () => undefined });
  for (let one = 0; one < 1000; one += 1) {
    input.write(packet(`m${RAM},${MAX_PACKET_BYTES.toString(16)}`));
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(output.writableLength < 100 * MAX_PACKET_BYTES, String(output.writableLength));
  assert.ok(input.isPaused());
  input.destroy();
  recording.close();
});

test("given a peer that says of everything that it did not come whole, then it is let go", async () => {
  const recording = openRecording("logs/session.fold");
  const [input, output] = [new PassThrough(), deaf(2)];
  let hasLeft = false;
  serve(targetOf(recording), { input, output }, { killed: () => undefined, left: () => (hasLeft = true) });
  input.write(packet(`m${RAM},${MAX_PACKET_BYTES.toString(16)}`));
  await setTimeout(20);
  input.write("-".repeat(16_000));
  await setTimeout(20);
  assert.ok(hasLeft);
  assert.ok(output.writableLength <= MAX_UNREAD_BYTES + 2 * MAX_PACKET_BYTES, String(output.writableLength));
  recording.close();
});

test("given Ctrl-C right behind a packet that lets the machine go on, then it stands", async () => {
  const recording = openRecording("logs/session.fold");
  const target = targetOf(recording, { ...hostTime, monotonicMs: briefTurns() });
  const [input, output] = [new PassThrough(), new PassThrough()];
  let heard = "";
  output.on("data", (bytes: Buffer) => (heard += bytes.toString("latin1")));
  serve(target, { input, output }, { killed: () => undefined, left: () => undefined });
  input.write(packet("QStartNoAckMode"));
  await setTimeout(5);
  input.write(Buffer.concat([packet("vCont;c"), Buffer.of(3)]));
  while (!heard.includes("$T")) await setTimeout(1);
  assert.match(heard, /\$T02thread:1;#/);
  input.destroy();
  recording.close();
});

test("given Ctrl-C between two steps of gdb's own, when it takes the next, then it is interrupted, once", async () => {
  const recording = openRecording("logs/session.fold");
  const [input, output] = [new PassThrough(), new PassThrough()];
  let heard = "";
  output.on("data", (bytes: Buffer) => (heard += bytes.toString("latin1")));
  serve(targetOf(recording), { input, output }, { killed: () => undefined, left: () => undefined });
  for (const bytes of [packet("QStartNoAckMode"), Buffer.of(3), packet("s"), packet("s")]) {
    input.write(bytes);
    await setTimeout(20);
  }
  assert.match(heard, /OK#9a\$T02thread:1;#..\$T05thread:1;#..$/);
  input.destroy();
  recording.close();
});

test.run();
