import { test } from "uvu";
import * as assert from "uvu/assert";

import { handleBottomHalf } from "../../../src/machine/virtio/services.js";
import type { Effect } from "../../../src/reducers/effect.js";
import {
  clearRings,
  describe,
  INDIRECT,
  INDIRECT_DESC,
  NEXT,
  notify,
  offer,
  register,
  start,
  WRITE,
} from "./virtio-driver.js";
import { store, type RegisterAccess } from "../../support/register-access.js";
import { seededRandom } from "../../support/seeded-random.js";
import { AREA, RAM, RAM_BYTES, SLOT, virtioGuest, type VirtioGuest } from "./virtio-guest.js";

const NUM = 8;
const RECEIVE = 0;
const TRANSMIT = 1;
const NEEDS_RESET = 0x40;

const run = (guest: VirtioGuest, ...accesses: readonly RegisterAccess[]): void => {
  for (const access of accesses) guest.access(access);
};
const text = (guest: VirtioGuest, address: number, length: number): string =>
  new TextDecoder().decode(guest.ram.slice(address - RAM, address - RAM + length));
const put = (guest: VirtioGuest, address: number, written: string): void => {
  guest.ram.set(new TextEncoder().encode(written), address - RAM);
};
const typed = (guest: VirtioGuest, written: string): void => {
  guest.input({ type: "virtioConsole/bytesReceived", slot: 1, bytes: new TextEncoder().encode(written) });
};
const receiveRoom = (guest: VirtioGuest): number => {
  let room = 0;
  while (guest.canTake({ type: "virtioConsole/bytesReceived", slot: 1, bytes: new Uint8Array(room + 1) })) room += 1;
  return room;
};
const transmitted = (effects: readonly Effect[]): string =>
  effects
    .map((effect) => (effect.type === "console/transmitted" ? new TextDecoder().decode(effect.bytes) : "?"))
    .join("|");
const used = (guest: VirtioGuest): number => Number(guest.access({ address: AREA.device + 2, width: 2 }).value);

test("given a console chain of several buffers and an indirect table, when it is transmitted, then its bytes come in order", () => {
  const guest = virtioGuest("console");
  run(guest, ...start(TRANSMIT, NUM, INDIRECT_DESC));
  put(guest, AREA.buffers, "hello, world");
  run(
    guest,
    ...describe(AREA.descriptors, 0, { address: AREA.buffers + 7, length: 5, flags: NEXT, next: 3 }),
    ...describe(AREA.descriptors, 3, { address: AREA.indirect, length: 32, flags: INDIRECT }),
    ...describe(AREA.indirect, 0, { address: AREA.buffers + 5, length: 2, flags: NEXT, next: 1 }),
    ...describe(AREA.indirect, 1, { address: AREA.buffers, length: 5 }),
    ...offer(NUM, 0, [0]),
    notify(TRANSMIT),
  );
  assert.is(transmitted(guest.effects), "world, hello");
  assert.is(used(guest), 1);
});

test("given input before the guest offers buffers, when it does, then it gets all of it in order", () => {
  const guest = virtioGuest("console");
  typed(guest, "ab");
  run(guest, ...start(RECEIVE, NUM));
  typed(guest, "cdefg");
  assert.is(receiveRoom(guest), 4096 - 7);
  run(
    guest,
    ...describe(AREA.descriptors, 0, { address: AREA.buffers, length: 3, flags: WRITE }),
    ...describe(AREA.descriptors, 1, { address: AREA.buffers + 16, length: 16, flags: WRITE }),
    ...offer(NUM, 0, [0, 1]),
    notify(RECEIVE),
  );
  assert.is(text(guest, AREA.buffers, 3) + text(guest, AREA.buffers + 16, 4), "abcdefg");
  assert.is(guest.access({ address: AREA.device + 4 + 12, width: 4 }).value, 4n);
  assert.is(receiveRoom(guest), 4096);
});

test("given more input than can wait, when it arrives, then the rest is dropped and the state stays bounded", () => {
  const guest = virtioGuest("console");
  typed(guest, "x".repeat(5000));
  assert.is(receiveRoom(guest), 0);
});

test("given a console with much to send, when it is served, then it is sent in bounded parts, all of it", () => {
  const guest = virtioGuest("console");
  const bytes = 0x10_0000;
  run(guest, ...start(TRANSMIT, NUM));
  for (let index = 0; index < 3; index += 1)
    run(guest, ...describe(AREA.descriptors, index, { address: RAM, length: bytes }));
  run(guest, ...offer(NUM, 0, [0, 1, 2]));
  const [, effects] = handleBottomHalf(guest.memory, guest.state, { work: "", queue: TRANSMIT });
  assert.equal(
    effects.map((effect) => effect.type),
    ["console/transmitted", "bottomHalf/scheduled"],
  );
  run(guest, notify(TRANSMIT));
  assert.is(guest.effects.length, 3);
  assert.is(used(guest), 3);
});

test("given a console chain of the most bytes it takes, then all are sent; with one more, then the queue is broken and none is", () => {
  const most = 16;
  const mebibyte = 0x10_0000;
  for (const extraBytes of [0, 1]) {
    const guest = virtioGuest("console");
    run(guest, ...start(TRANSMIT, 32));
    const last = most - 1;
    for (let index = 0; index < last; index += 1) {
      const full = { address: RAM, length: mebibyte, flags: NEXT, next: index + 1 };
      run(guest, ...describe(AREA.descriptors, index, full));
    }
    run(guest, ...describe(AREA.descriptors, last, { address: RAM, length: mebibyte + extraBytes }));
    run(guest, ...offer(32, 0, [0]), notify(TRANSMIT));
    const sent = guest.effects.reduce(
      (sum, effect) => sum + (effect.type === "console/transmitted" ? effect.bytes.length : 0),
      0,
    );
    assert.is(sent, extraBytes === 0 ? most * mebibyte : 0);
    assert.is(used(guest), extraBytes === 0 ? 1 : 0);
  }
});

test("given an entropy request, when its answer comes, then the buffers hold it and the next chain is asked for", () => {
  const guest = virtioGuest("rng");
  run(
    guest,
    ...start(0, NUM),
    ...describe(AREA.descriptors, 0, { address: AREA.buffers, length: 2, flags: WRITE | NEXT, next: 1 }),
    ...describe(AREA.descriptors, 1, { address: AREA.buffers + 8, length: 4, flags: WRITE }),
    ...describe(AREA.descriptors, 2, { address: AREA.buffers + 16, length: 1, flags: WRITE }),
    ...offer(NUM, 0, [0, 2]),
    notify(0),
    notify(0),
  );
  assert.equal(guest.effects.splice(0), [{ type: "entropy/requested", slot: 1, length: 6 }]);
  guest.input({ type: "virtioRng/entropyProvided", slot: 1, bytes: new TextEncoder().encode("abcdef") });
  assert.is(text(guest, AREA.buffers, 2) + text(guest, AREA.buffers + 8, 4), "abcdef");
  assert.equal(guest.effects, [{ type: "entropy/requested", slot: 1, length: 1 }]);
});

test("given a buffer for 65,536 random bytes, then all are asked for; with one more, then that stays empty", () => {
  const most = 65_536;
  for (const extraBytes of [0, 1]) {
    const guest = virtioGuest("rng");
    run(
      guest,
      ...start(0, NUM),
      ...describe(AREA.descriptors, 0, { address: RAM, length: most + extraBytes, flags: WRITE }),
      ...offer(NUM, 0, [0]),
      notify(0),
    );
    assert.equal(guest.effects, [{ type: "entropy/requested", slot: 1, length: most }]);
    guest.input({ type: "virtioRng/entropyProvided", slot: 1, bytes: new Uint8Array(most + 1).fill(7) });
    assert.is(guest.access({ address: AREA.device + 8, width: 4 }).value, BigInt(most), "the length that was used");
    assert.equal([...guest.ram.slice(most - 1, most + 1)], [7, 0]);
  }
});

test("given entropy that nobody asked for, when it comes, then nothing changes", () => {
  const guest = virtioGuest("rng");
  const before = guest.state;
  guest.input({ type: "virtioRng/entropyProvided", slot: 1, bytes: Uint8Array.of(1) });
  assert.is(guest.state, before);
});

test("given rings or buffers outside RAM, when the queue is notified, then the device needs a reset", () => {
  const good = describe(AREA.descriptors, 0, { address: AREA.buffers, length: 4 });
  const elsewhere = [0, 0x1000_0000, RAM - 1, RAM + RAM_BYTES - 1, 0xffff_ffff];
  const broken: RegisterAccess[][] = elsewhere.flatMap((address) => [
    ...[0x80, 0x90, 0xa0].map((area) => [
      register(0x44, 0),
      register(area, address),
      register(0x44, 1),
      ...good,
      ...offer(NUM, 0, [0]),
    ]),
    [...describe(AREA.descriptors, 0, { address, length: 4 }), ...offer(NUM, 0, [0])],
    [...describe(AREA.descriptors, 0, { address: 0xffff_ffff_ffff_ffffn, length: 4 }), ...offer(NUM, 0, [0])],
    [...describe(AREA.descriptors, 0, { address: RAM, length: 0xffff_ffff }), ...offer(NUM, 0, [0])],
  ]);
  for (const accesses of broken) {
    const guest = virtioGuest("console");
    run(guest, ...clearRings(NUM), ...start(TRANSMIT, NUM), ...accesses, notify(TRANSMIT));
    assert.is(Number(guest.access({ address: SLOT + 0x70, width: 4 }).value), 15 | NEEDS_RESET);
    assert.equal(transmitted(guest.effects), "");
  }
});

test("given queue sizes that are no power of 2 or too large, when the queue is notified, then the device needs a reset", () => {
  for (const num of [0, 3, 6, 1025, 2048, 0xffff_ffff]) {
    const guest = virtioGuest("console");
    run(guest, ...start(TRANSMIT, num), notify(TRANSMIT));
    assert.is(Number(guest.access({ address: SLOT + 0x70, width: 4 }).value), 15 | NEEDS_RESET, String(num));
  }
});

test("given RAM full of noise, when queues are notified, then it ends, throws nothing and stays within RAM", () => {
  for (let seed = 1; seed <= 400; seed += 1) {
    const random = seededRandom(seed);
    const kind = random(2) === 0 ? "rng" : "console";
    const queue = kind === "rng" ? 0 : random(2);
    const guest = virtioGuest(kind);
    const num = 1 << random(6);
    run(guest, ...start(queue, num, random(4) * INDIRECT_DESC));
    for (let count = 0; count < 60; count += 1) {
      const base = [AREA.descriptors, AREA.driver, AREA.device, AREA.indirect][random(4)] ?? RAM;
      const value = random(3) === 0 ? random(2 ** 32) : (Object.values(AREA)[random(5)] ?? 0) + random(64);
      run(guest, store(base + random(40) * 4, 4, random(2) === 0 ? random(8) : value));
      // Descriptors with small lengths, plausible flags and nexts, so that chains get long.
      const address = AREA.descriptors + random(256);
      run(
        guest,
        ...describe(random(2) === 0 ? AREA.descriptors : AREA.indirect, random(32), {
          address,
          length: 16 * (1 + random(4)),
          flags: random(8),
          next: random(num + 1),
        }),
      );
      if (random(4) === 0) run(guest, ...offer(num, random(4), [random(num)]));
      run(guest, notify(queue));
      typed(guest, "noise");
      guest.input({ type: "virtioRng/entropyProvided", slot: 1, bytes: Uint8Array.of(1, 2, 3) });
      if ((guest.state.status & NEEDS_RESET) !== 0) run(guest, ...start(queue, num, INDIRECT_DESC));
    }
  }
});

test.run();
