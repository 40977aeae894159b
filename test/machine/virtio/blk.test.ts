// The block device by itself: a driver that lays its rings over each other, or makes its queue ready anew in the
// middle.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { Disk } from "../../../src/machine/disk/disk.js";
import { MAX_BURST_BYTES, MAX_PART_BYTES } from "../../../src/machine/virtio/blk.js";
import { handleBottomHalf } from "../../../src/machine/virtio/services.js";
import type { Step } from "../../../src/reducers/device.js";
import { MAX_IN_FLIGHT } from "../../../src/reducers/virtio/blk.js";
import type { VirtioState } from "../../../src/reducers/virtio/virtio.js";
import { initialDisks } from "../../../src/machine/disk/disk-state.js";
import { blkConfig, memoryImage, numberedSectors } from "../../support/memory-disk.js";
import { load, store, type RegisterAccess } from "../../support/register-access.js";
import { clearRings, describe, NEXT, notify, offer, register, start, WRITE } from "./virtio-driver.js";
import { AREA, RAM, SLOT, virtioGuest, type VirtioGuest } from "./virtio-guest.js";

const NUM = 8;
const NEEDS_RESET = 0x40;
const FLUSH = 4;
const UNSUPPORTED = 99;
const STATUS_UNSUPPORTED = 2n;
const STATUS_AT = AREA.buffers + 0x800;

const drive = (sectors = 128): VirtioGuest => {
  const image = numberedSectors(sectors);
  const config = blkConfig(image);
  const [state] = initialDisks({ virtio: [config] });
  assert.ok(state);
  return virtioGuest(config, new Disk(memoryImage(image), state));
};
const run = (guest: VirtioGuest, ...accesses: readonly RegisterAccess[]): void => {
  for (const access of accesses) guest.access(access);
};
const used = (guest: VirtioGuest, at: number = AREA.device): number => Number(guest.access(load(at + 2, 2)).value);
const status = (guest: VirtioGuest): number => Number(guest.access(load(SLOT + 0x70, 4)).value);
/** A request of a header and a status, at descriptors 0 and 1. */
const request = (type: number): RegisterAccess[] => [
  store(AREA.buffers, 4, type),
  store(AREA.buffers + 8, 8, 0),
  store(STATUS_AT, 1, 0xee),
  ...describe(AREA.descriptors, 0, { address: AREA.buffers, length: 16, flags: NEXT, next: 1 }),
  ...describe(AREA.descriptors, 1, { address: STATUS_AT, length: 1, flags: WRITE }),
];
const all = (head: number): number[] => Array.from({ length: NUM }, () => head);
const inFlight = ({ state: { device } }: VirtioGuest): number => (device.kind === "blk" ? device.inFlight.length : -1);

test("given a full queue of requests that are answered at once, when it is notified, then each is answered once", () => {
  const guest = drive();
  run(guest, ...clearRings(NUM), ...start(0, NUM), ...request(UNSUPPORTED), ...offer(NUM, 0, all(0)), notify(0));
  assert.is(used(guest), NUM);
  assert.is(guest.access(load(STATUS_AT, 1)).value, STATUS_UNSUPPORTED);
  assert.is(status(guest) & NEEDS_RESET, 0);
});

test("given a used ring that lies on the available ring, when the queue is notified, then the device needs a reset", () => {
  for (const [driver, device] of [
    [AREA.driver, AREA.driver],
    [AREA.driver, AREA.driver + 2],
    [AREA.driver + 4 + 8 * NUM - 1, AREA.driver],
  ] as const) {
    const guest = drive();
    const rings = { descriptors: AREA.descriptors, driver, device };
    run(guest, ...clearRings(NUM), ...start(0, NUM, 0, () => rings), ...request(UNSUPPORTED));
    run(guest, ...offer(NUM, 0, [0], rings), notify(0));
    assert.is(status(guest) & NEEDS_RESET, NEEDS_RESET);
  }
  const apart = drive();
  const rings = { descriptors: AREA.descriptors, driver: AREA.driver, device: AREA.driver + 4 + 2 * NUM };
  run(apart, ...clearRings(NUM), ...start(0, NUM, 0, () => rings), ...request(UNSUPPORTED));
  run(apart, ...offer(NUM, 0, [0], rings), notify(0));
  assert.is(status(apart) & NEEDS_RESET, 0, "one byte further");
  assert.is(used(apart, rings.device), 1);
});

test("given a status byte that lies on the available index, when it is answered, then no more is taken than was there", () => {
  const guest = drive();
  run(guest, ...clearRings(NUM), ...start(0, NUM), ...request(UNSUPPORTED));
  run(guest, ...describe(AREA.descriptors, 1, { address: AREA.driver + 2, length: 1, flags: WRITE }));
  run(guest, ...offer(NUM, 0, [0]), notify(0));
  assert.is(used(guest), 1);
});

test("given requests in flight, when the driver stops the queue, then they are forgotten and late answers change nothing", () => {
  const guest = drive();
  run(guest, ...clearRings(NUM), ...start(0, NUM), ...request(FLUSH), ...offer(NUM, 0, all(0)), notify(0));
  assert.is(inFlight(guest), NUM);
  run(guest, register(0x44, 0), ...clearRings(NUM), register(0x44, 1));
  assert.is(inFlight(guest), 0);
  const before = guest.state;
  for (let id = 0; id < NUM; id += 1) {
    const late = { type: "virtioBlk/requestCompleted", slot: 1, id, status: 0 } as const;
    assert.ok(guest.canTake(late));
    guest.input(late);
  }
  assert.is(guest.state, before);
  run(guest, ...offer(NUM, 0, [0]), notify(0));
  assert.is(inFlight(guest), 1);
  guest.input({ type: "virtioBlk/requestCompleted", slot: 1, id: NUM, status: 0 });
  assert.is(used(guest), 1, "the new queue's own is answered");
});

test("given as many requests in flight as may be, when the driver offers one more, then it waits until one is finished", () => {
  const guest = drive();
  const num = 2 * MAX_IN_FLIGHT;
  run(guest, ...clearRings(num), ...start(0, num), ...request(FLUSH));
  run(guest, ...offer(num, 0, new Array<number>(MAX_IN_FLIGHT + 1).fill(0)), notify(0));
  assert.is(inFlight(guest), MAX_IN_FLIGHT);
  guest.input({ type: "virtioBlk/requestCompleted", slot: 1, id: 0, status: 0 });
  assert.is(inFlight(guest), MAX_IN_FLIGHT);
  assert.is(guest.effects.length, MAX_IN_FLIGHT + 1);
});

/** A device to which the host has answered reads of so many bytes; what it does in one bottom half. */
const answeredReads = (lengths: readonly number[]) => {
  const guest = drive();
  run(
    guest,
    ...clearRings(NUM),
    ...start(0, NUM),
    ...request(FLUSH),
    ...offer(
      NUM,
      0,
      lengths.map(() => 0),
    ),
  );
  const { device } = guest.state;
  assert.ok(device.kind === "blk");
  const answered = lengths.map((length, id) => ({
    request: {
      id,
      head: id,
      operation: "read",
      offset: 0,
      length,
      buffers: [],
      statusAddress: BigInt(STATUS_AT),
      usedLength: 0,
    } as const,
    status: 0,
  }));
  const state = { ...guest.state, device: { ...device, answered } };
  const image = numberedSectors(8);
  const [disk] = initialDisks({ virtio: [blkConfig(image)] });
  assert.ok(disk);
  const served = { slot: 1, work: "queue0", queue: 0 } as const;
  return {
    step: handleBottomHalf(guest.memory, state, served, new Disk(memoryImage(image), disk)),
    used: () => used(guest),
  };
};
const leftOf = ([{ device }]: Step<VirtioState>): number => (device.kind === "blk" ? device.answered.length : -1);
const isAgain = ([, effects]: Step<VirtioState>): boolean =>
  effects.some(({ type }) => type === "bottomHalf/scheduled");

test("given answers to as much as one bottom half may move, when it runs, then all are given back; with a byte more the rest waits", () => {
  const half = MAX_BURST_BYTES / 2;
  const whole = answeredReads([half, half]);
  assert.equal([leftOf(whole.step), isAgain(whole.step), whole.used()], [0, false, 2]);
  const beyond = answeredReads([half, half, 1]);
  assert.equal([leftOf(beyond.step), isAgain(beyond.step), beyond.used()], [1, true, 2]);
  const alone = answeredReads([MAX_BURST_BYTES + 1, 1]);
  assert.equal([leftOf(alone.step), isAgain(alone.step), alone.used()], [1, true, 1], "one at least");
});

test("given a buffer of as many bytes as are copied at once, then it is one part; with a sector more, then that is another", () => {
  const [DATA, SECTOR] = [AREA.buffers + 0x1000, 512];
  for (const [length, parts] of [
    [MAX_PART_BYTES, [MAX_PART_BYTES]],
    [MAX_PART_BYTES + SECTOR, [MAX_PART_BYTES, SECTOR]],
  ] as const) {
    const guest = drive(length / SECTOR);
    const written: number[] = [];
    const write = guest.memory.write.bind(guest.memory);
    Object.assign(guest.memory, {
      write: (address: bigint, bytes: Uint8Array) => {
        if (address >= BigInt(DATA)) written.push(bytes.length);
        return write(address, bytes);
      },
    });
    run(guest, ...clearRings(NUM), ...start(0, NUM), ...request(0));
    run(guest, ...describe(AREA.descriptors, 0, { address: AREA.buffers, length: 16, flags: NEXT, next: 2 }));
    run(guest, ...describe(AREA.descriptors, 2, { address: DATA, length, flags: NEXT | WRITE, next: 1 }));
    run(guest, ...offer(NUM, 0, [0]), notify(0));
    guest.input({ type: "virtioBlk/requestCompleted", slot: 1, id: 0, status: 0 });
    assert.equal(written, parts);
    assert.is(guest.access(load(STATUS_AT, 1)).value, 0n);
    const at = DATA - RAM;
    assert.equal(Buffer.compare(guest.ram.subarray(at, at + length), numberedSectors(length / SECTOR)), 0);
  }
});

test.run();
