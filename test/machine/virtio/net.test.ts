// The network device by itself: when a frame can come in, where it goes, and what no driver can do to it.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { load, store, type RegisterAccess } from "../../support/register-access.js";
import { freshSeed, seededRandom } from "../../support/seeded-random.js";
import { clearRings, describe, NEXT, notify, offer, register, start, WRITE } from "./virtio-driver.js";
import { AREA, RAM, SLOT, virtioGuest, type VirtioGuest } from "./virtio-guest.js";

const NUM = 4;
const canReceive = (guest: VirtioGuest, frameBytes: number): boolean =>
  guest.canTake({ type: "virtioNet/frameReceived", slot: 1, frame: new Uint8Array(frameBytes) });
const MAC = "52:54:00:12:34:56";
const MRG_RXBUF = 1 << 15;
const CTRL_VLAN = 1 << 19;
const [RECEIVE, TRANSMIT, CONTROL] = [0, 1, 2];
const NEEDS_RESET = 0x40;
/** Room for the rings of the longest queue. */
const WIDE = { descriptors: RAM + 0x1_0000, driver: RAM + 0x2_0000, device: RAM + 0x3_0000 };

const card = (): VirtioGuest => virtioGuest({ kind: "net", mac: MAC });
const run = (guest: VirtioGuest, ...accesses: readonly RegisterAccess[]): void => {
  for (const access of accesses) guest.access(access);
};
const frameOf = (length: number, destination = MAC): Uint8Array =>
  Uint8Array.from({ length }, (_, index) =>
    index < 6 ? Number.parseInt(destination.split(":")[index] ?? "", 16) : index & 0xff,
  );
const receive = (guest: VirtioGuest, frame: Uint8Array): void => {
  guest.input({ type: "virtioNet/frameReceived", slot: 1, frame });
};
const used = (guest: VirtioGuest): number => Number(guest.access(load(AREA.device + 2, 2)).value);
const buffers = (...lengths: readonly number[]): RegisterAccess[] => [
  ...lengths.flatMap((length, index) =>
    describe(AREA.descriptors, index, { address: AREA.buffers + index * 0x1000, length, flags: WRITE }),
  ),
  ...offer(
    NUM,
    0,
    lengths.map((_, index) => index),
  ),
];

test("given a driver without buffers, when a frame is there, then it waits; with one, it comes in", () => {
  const guest = card();
  assert.not(canReceive(guest, 60), "no driver yet");
  run(guest, ...clearRings(NUM), ...start(RECEIVE, NUM));
  assert.not(canReceive(guest, 60));
  run(guest, ...buffers(1526));
  assert.ok(canReceive(guest, 60));
  receive(guest, frameOf(60));
  assert.is(used(guest), 1);
  const at = AREA.buffers - 0x8000_0000;
  assert.equal(guest.ram.slice(at, at + 12), Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0));
  assert.equal(guest.ram.slice(at + 12, at + 72), frameOf(60));
  assert.not(canReceive(guest, 60), "the buffer is taken");
  assert.equal(guest.effects, [{ type: "network/received", slot: 1 }]);
});

test("given a driver of before VIRTIO_F_VERSION_1, when frames come and go, then their header has no num_buffers", () => {
  const guest = card();
  const legacy = (queue: number): RegisterAccess[] => {
    const withoutVersion1 = start(queue, NUM).map((access) =>
      access.address === SLOT + 0x20 ? { ...access, value: 0n } : access,
    );
    return [...clearRings(NUM), ...withoutVersion1];
  };
  run(guest, ...legacy(RECEIVE), ...buffers(1526));
  receive(guest, frameOf(60));
  const at = AREA.buffers - 0x8000_0000;
  assert.equal(guest.ram.slice(at, at + 70), Uint8Array.of(...new Uint8Array(10), ...frameOf(60)));
  guest.effects.length = 0;
  run(guest, ...legacy(TRANSMIT), ...describe(AREA.descriptors, 0, { address: AREA.buffers, length: 70 }));
  run(guest, ...offer(NUM, 0, [0]), notify(TRANSMIT));
  assert.equal(guest.effects, [{ type: "network/transmitted", slot: 1, frame: frameOf(60) }]);
});

test("given small buffers that are merged, when a frame needs three, then it waits for them and fills them in order", () => {
  const guest = card();
  run(guest, ...clearRings(NUM), ...start(RECEIVE, NUM, MRG_RXBUF), ...buffers(100, 100));
  assert.not(canReceive(guest, 250));
  run(guest, ...buffers(100, 100, 100));
  assert.ok(canReceive(guest, 250));
  receive(guest, frameOf(250));
  assert.is(used(guest), 3);
  const ram = (index: number, from: number, length: number): number[] => {
    const at = AREA.buffers + index * 0x1000 + from - 0x8000_0000;
    return [...guest.ram.slice(at, at + length)];
  };
  assert.equal(ram(0, 10, 2), [3, 0], "num_buffers");
  assert.equal([...ram(0, 12, 88), ...ram(1, 0, 100), ...ram(2, 0, 62)], [...frameOf(250)]);
});

test("given a frame larger than the buffer, when buffers are not merged, then it is dropped and the buffer stays", () => {
  const guest = card();
  run(guest, ...clearRings(NUM), ...start(RECEIVE, NUM), ...buffers(100));
  assert.ok(canReceive(guest, 1000));
  receive(guest, frameOf(1000));
  assert.is(used(guest), 0);
  receive(guest, frameOf(60));
  assert.is(used(guest), 1);
});

test("given filters, when frames for others come, then they are dropped, and a reset lets all in again", () => {
  const guest = card();
  const command = (...bytes: readonly number[]): void => {
    run(guest, ...start(CONTROL, NUM, CTRL_VLAN), ...clearRings(NUM));
    bytes.forEach((byte, index) => {
      guest.access(store(AREA.buffers + 0x8000 + index, 1, byte));
    });
    run(
      guest,
      ...describe(AREA.descriptors, 0, { address: AREA.buffers + 0x8000, length: bytes.length, flags: 1, next: 1 }),
      ...describe(AREA.descriptors, 1, { address: AREA.buffers + 0x8100, length: 1, flags: WRITE }),
      ...offer(NUM, 0, [0]),
      notify(CONTROL),
    );
  };
  command(0, 0, 0);
  const { filter } = guest.state.device as { filter: { promiscuous: boolean } };
  assert.not(filter.promiscuous);
  // The receive queue beside it, without a reset.
  run(guest, ...clearRings(NUM), register(0x44, 0), register(0x30, RECEIVE), register(0x38, NUM));
  for (const [at, area] of [
    [0x80, AREA.descriptors],
    [0x90, AREA.driver],
    [0xa0, AREA.device],
  ] as const)
    run(guest, register(at, area));
  run(guest, register(0x44, 1), ...buffers(1526, 1526, 1526));
  receive(guest, frameOf(60, "52:54:00:00:00:01"));
  receive(guest, frameOf(60, "01:00:5e:00:00:01"));
  assert.is(used(guest), 0);
  receive(guest, frameOf(60));
  receive(guest, frameOf(60, "ff:ff:ff:ff:ff:ff"));
  assert.is(used(guest), 2);
  run(guest, ...clearRings(NUM), ...start(RECEIVE, NUM), ...buffers(1526));
  receive(guest, frameOf(60, "52:54:00:00:00:01"));
  assert.is(used(guest), 1);
});

test("given as many frames as are sent at once, then all are; with one more, then that waits for the next bottom half", () => {
  const most = 256;
  for (const extraFrames of [0, 1]) {
    const guest = virtioGuest({ kind: "net", mac: MAC }, undefined, { putsOff: true });
    const count = most + extraFrames;
    // Each frame is the same buffer, with its header of 12 bytes.
    run(guest, ...start(TRANSMIT, 1024, 0, () => WIDE), ...describe(WIDE.descriptors, 0, { address: RAM, length: 72 }));
    run(guest, ...offer(1024, 0, new Array<number>(count).fill(0), WIDE), notify(TRANSMIT));
    assert.ok(guest.runBottomHalf());
    assert.is(guest.effects.length, most);
    assert.is(guest.runBottomHalf(), extraFrames === 1);
    assert.is(guest.effects.length, count);
  }
});

test("given a command of 65,536 bytes, when it is sent, then it is obeyed; with one more, then it is refused", () => {
  const [most, OK, ERR] = [65_536, 0, 1];
  const answerAt = AREA.buffers + 0x2_0000;
  for (const [extraBytes, answer] of [
    [0, OK],
    [1, ERR],
  ] as const) {
    const guest = card();
    run(
      guest,
      ...start(CONTROL, NUM),
      // Class 0, command 0: promiscuous, switched off. What follows means nothing.
      ...[0, 0, 0].map((byte, index) => store(AREA.buffers + index, 1, byte)),
      store(answerAt, 1, 0xee),
      ...describe(AREA.descriptors, 0, { address: AREA.buffers, length: most + extraBytes, flags: NEXT, next: 1 }),
      ...describe(AREA.descriptors, 1, { address: answerAt, length: 1, flags: WRITE }),
      ...offer(NUM, 0, [0]),
      notify(CONTROL),
    );
    assert.is(guest.access(load(answerAt, 1)).value, BigInt(answer));
    const { device } = guest.state;
    assert.is(device.kind === "net" && device.filter.promiscuous, answer !== OK);
  }
});

test("given a cable, when it comes out, then the driver is told, and frames are lost until it is back", () => {
  const guest = card();
  run(guest, ...clearRings(NUM), ...start(RECEIVE, NUM), ...buffers(1526));
  guest.input({ type: "virtioNet/linkChanged", slot: 1, up: 0 });
  assert.is(guest.access(load(SLOT + 0x60, 4)).value, 2n, "configuration change");
  assert.is(guest.access(load(SLOT + 0x106, 2)).value, 0n);
  assert.is(guest.access(load(SLOT + 0xfc, 4)).value, 1n, "its generation");
  assert.ok(canReceive(guest, 60));
  receive(guest, frameOf(60));
  assert.is(used(guest), 0);
  run(guest, register(0x70, 0));
  assert.is(guest.access(load(SLOT + 0x106, 2)).value, 0n, "a reset does not plug it in");
  guest.input({ type: "virtioNet/linkChanged", slot: 1, up: 1 });
  assert.is(guest.access(load(SLOT + 0x106, 2)).value, 1n);
});

test("given a packet of a megabyte, or of none, when it is sent, then nothing goes out and the queue or the device says so", () => {
  const guest = card();
  run(guest, ...clearRings(NUM), ...start(TRANSMIT, NUM));
  run(guest, ...describe(AREA.descriptors, 0, { address: 0x8000_0000, length: 1 << 20 }), ...offer(NUM, 0, [0]));
  run(guest, notify(TRANSMIT));
  assert.is(used(guest), 1);
  assert.equal(guest.effects, []);
  run(guest, ...describe(AREA.descriptors, 0, { address: 0x8000_0000, length: 11 }), ...offer(NUM, 1, [0]));
  run(guest, notify(TRANSMIT));
  assert.is(guest.state.status & NEEDS_RESET, NEEDS_RESET);
});

const seed = freshSeed();
test(`given rings of noise (seed ${String(seed)}), when frames and notifications come, then nothing throws and all stays in RAM`, () => {
  const random = seededRandom(seed);
  for (let round = 0; round < 400; round += 1) {
    const guest = card();
    run(guest, ...clearRings(NUM), ...start(random(3), 1 << random(6), random(2) * MRG_RXBUF + random(2) * (1 << 28)));
    for (let step = 0; step < 40; step += 1) {
      const base = [AREA.descriptors, AREA.driver, AREA.device, AREA.buffers][random(4)] ?? 0;
      const value = random(3) === 0 ? random(2 ** 31) : AREA.buffers + random(0x4000);
      run(guest, store(base + random(40) * 4, 4, random(2) === 0 ? random(8) : value));
      const frame = frameOf(random(3000));
      if (canReceive(guest, frame.length)) receive(guest, frame);
      run(guest, notify(random(3)));
      if (random(20) === 0) guest.input({ type: "virtioNet/linkChanged", slot: 1, up: random(2) });
    }
  }
});

test.run();
