/** gdb's packets, however the stream is cut and whatever is in it. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import {
  MAX_PACKET_BYTES,
  packetOf,
  PacketReader,
  type Incoming,
} from "../../../../src/streams/session/gdb/packets.js";
import { freshSeed, seededRandom } from "../../../support/seeded-random.js";

const bytesOf = (text: string): Uint8Array => Buffer.from(text, "latin1");
const read = (text: string): Incoming[] => new PacketReader().read(bytesOf(text));

test("given the manual's packets, when read, then their bodies are those", () => {
  // From the documentation's examples: `+ $R00#b2`, `$OK#9a`, `$g#67`.
  assert.equal(read("+$OK#9a$g#67"), [
    { type: "acknowledged" },
    { type: "packet", body: "OK" },
    { type: "packet", body: "g" },
  ]);
  assert.equal(Buffer.from(packetOf("OK")).toString(), "$OK#9a");
});

test("given escapes, when read, then the byte is the one with its bit flipped back", () => {
  assert.equal(read("$X0,1:}\x03}]#f2").length, 1);
  const body = "a#b$c}d*e\x00\xff";
  const [packet] = new PacketReader().read(packetOf(body));
  assert.equal(packet, { type: "packet", body });
});

test("given a wrong checksum, no digits, or another packet in the middle, when read, then it is damaged or left out", () => {
  assert.equal(read("$g#68"), [{ type: "damaged" }]);
  assert.equal(read("$g#zz"), [{ type: "damaged" }]);
  assert.equal(read("$half$g#67"), [{ type: "packet", body: "g" }]);
  assert.equal(read("\x03-garbage"), [{ type: "interrupted" }, { type: "refused" }]);
});

test("given a packet without an end, when read, then no more than the limit is kept, and it is refused", () => {
  const reader = new PacketReader();
  reader.read(bytesOf("$"));
  for (let index = 0; index < 100; index += 1) assert.equal(reader.read(bytesOf("a".repeat(10_000))), []);
  assert.equal(reader.read(bytesOf("#00")), [{ type: "damaged" }]);
  assert.equal(reader.read(packetOf("a".repeat(MAX_PACKET_BYTES)))[0]?.type, "packet");
  assert.equal(reader.read(packetOf("a".repeat(MAX_PACKET_BYTES + 1))), [{ type: "damaged" }]);
});

test("given any bodies cut anywhere, when read, then they are the bodies", () => {
  const seed = freshSeed();
  const random = seededRandom(seed);
  for (let round = 0; round < 200; round += 1) {
    const bodies = Array.from({ length: 1 + random(5) }, () =>
      String.fromCharCode(...Array.from({ length: random(40) }, () => random(256))),
    );
    const stream = Buffer.concat(bodies.map(packetOf));
    const reader = new PacketReader();
    const incoming: Incoming[] = [];
    for (let at = 0; at < stream.length;) {
      const part = 1 + random(9);
      incoming.push(...reader.read(stream.subarray(at, at + part)));
      at += part;
    }
    assert.equal(
      incoming.map((one) => (one.type === "packet" ? one.body : one.type)),
      bodies,
      `FOLDVM_SEED=${String(seed)}`,
    );
  }
});

test.run();
