/** What a guest can make grow in a trace. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import {
  MAX_INTERNED_LETTERS,
  MAX_INTERNED_NAMES,
  Packets,
  type Track,
} from "../../../../src/streams/forms/perfetto/packets.js";
import { MAX_WAITING_REQUESTS, Requests } from "../../../../src/streams/forms/perfetto/requests.js";
import { MAX_ZOMBIES, Scheduling } from "../../../../src/streams/forms/perfetto/scheduling.js";
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

test("given a long name, then it stands in each of its events", () => {
  const packets = new Packets();
  const written = (name: string): readonly unknown[] => {
    const event = firstOf(packets.event({ ns: 0n, type: "instant", track: 1n, name }))["track_event"]?.[0] as Message;
    return [event["name"], event["name_iid"]];
  };
  const longest = "x".repeat(MAX_INTERNED_LETTERS);
  assert.equal(written(longest), [undefined, [1n]]);
  assert.equal(written(`${longest}x`), [[`${longest}x`], undefined]);
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

test("given more zombies than are remembered, then the oldest is gone for good", async () => {
  const scheduling = new Scheduling(new Packets());
  const child = (pid: number): Uint8Array[] => {
    const row = { seq: 0, icount: 0, ns: 1n, hart: 0, kind: "switches", pid: 0, comm: "swapper/0" };
    return [...scheduling.switched({ ...row, previous: { pid, comm: "child", state: "Z" } } as never)];
  };
  for (let pid = 1; pid <= MAX_ZOMBIES; pid += 1) assert.is(child(pid).length, 1);
  const [, gone] = child(MAX_ZOMBIES + 1).map((bytes) => firstOf(bytes)["generic_kernel_task_state_event"]?.[0]);
  assert.equal(gone, { cpu: [0n], tid: [1n], state: [8n] });
});

test("given a driver whose requests are never answered, then the oldest are forgotten", () => {
  const requests = new Requests();
  const row = (ns: number, more: object): never => ({ seq: 0, icount: ns, ns: BigInt(ns), hart: 0, ...more }) as never;
  for (let id = 0; id <= MAX_WAITING_REQUESTS; id += 1)
    requests.hear(row(id, { kind: "requests", device: "virtio0", action: "read", bytes: 512, id }));
  const answered = (id: number): bigint | undefined =>
    requests.hear(row(1 << 20, { kind: "input", type: "virtioBlk/requestCompleted", slot: 0, id }))?.beginNs;
  assert.equal([answered(0), answered(1)], [undefined, 1n]);
});

test.run();
