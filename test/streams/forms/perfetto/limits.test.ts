/** What a guest can make grow in a trace. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_INTERNED_NAMES, Packets, type Track } from "../../../../src/streams/forms/perfetto/packets.js";
import { MAX_WAITING_REQUESTS, Requests } from "../../../../src/streams/forms/perfetto/requests.js";
import { MAX_TRACKS, Tracks } from "../../../../src/streams/forms/perfetto/tracks.js";
import { decode, type Message } from "./decoded.js";

const firstOf = (bytes: Uint8Array): Message => decode(bytes, "Trace")["packet"]?.[0] as Message;

test("given more names than are written once, then the others stand in their events", () => {
  const packets = new Packets();
  const written = (name: string): Message =>
    firstOf(packets.event({ ns: 0n, type: "instant", track: 1n, name }))["track_event"]?.[0] as Message;
  for (let index = 0; index < MAX_INTERNED_NAMES; index += 1)
    packets.event({ ns: 0n, type: "instant", track: 1n, name: `name ${String(index)}` });
  assert.equal(written("one more")["name"], ["one more"]);
  assert.equal(written("name 0")["name_iid"], [1n]);
});

test("given more tracks than are kept, then the others are Perfetto's own", () => {
  const tracks = new Tracks(new Packets());
  const uuidOf = (key: string, track: Omit<Track, "uuid">): bigint => {
    const steps = tracks.of(key, track);
    for (;;) {
      const { done, value } = steps.next();
      if (done === true) return value;
    }
  };
  for (let index = 0; index < MAX_TRACKS; index += 1) uuidOf(String(index), { name: "a task" });
  assert.is(uuidOf("one more", { name: "a task" }), 0n);
  assert.is(uuidOf("0", { name: "a task" }), 1n);
});

test("given a driver that notifies and notifies, then the oldest notifications are forgotten", () => {
  const requests = new Requests();
  const row = (ns: number, more: object): never => ({ seq: 0, icount: ns, ns: BigInt(ns), hart: 0, ...more }) as never;
  const notify = { kind: "devices", device: "virtio0", access: "store", address: 0x1000_1050 };
  for (let ns = 0; ns <= MAX_WAITING_REQUESTS; ns += 1) requests.hear(row(ns, notify));
  const answered = requests.hear(row(1000, { kind: "input", type: "virtioRng/entropyProvided", slot: 0 }));
  assert.is(answered?.beginNs, 1n);
});

test.run();
