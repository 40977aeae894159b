import { test } from "uvu";
import * as assert from "uvu/assert";

import { virtioMmio } from "../../src/reducers/virtio-mmio.js";
import * as virtio from "../../src/reducers/virtio/virtio.js";
import { stepped } from "./stepped.js";

const { effects, load, reduce } = stepped(virtioMmio);
const interruptLine = (state: virtio.VirtioState): boolean => virtioMmio.interruptLine?.(state) === true;

const store = (state: virtio.VirtioState, offset: number, value: number): virtio.VirtioState =>
  reduce(state, { type: "bus/stored", offset, width: 4, value: BigInt(value) });
const stores = (state: virtio.VirtioState, ...pairs: readonly (readonly [number, number])[]): virtio.VirtioState =>
  pairs.reduce((before, [offset, value]) => store(before, offset, value), state);
const read = (state: virtio.VirtioState, offset: number): number => Number(load(state, { offset, width: 4 }));
const notify = { type: "bus/stored", offset: 0x50, width: 4, value: 0n } as const;
const started = stores(
  virtio.initialState(3, "rng"),
  [0x70, 3],
  [0x24, 1],
  [0x20, 1],
  [0x70, 11],
  [0x38, 8],
  [0x44, 1],
  [0x70, 15],
);

test("given a driver that accepts what is offered, when it sets FEATURES_OK, then it stays set", () => {
  assert.is(read(started, 0x70), 15);
});

test("given a driver that accepts what is not offered, when it sets FEATURES_OK, then it stays clear", () => {
  const fresh = virtio.initialState(0, "rng");
  assert.is(read(stores(fresh, [0x70, 3], [0x24, 1], [0x20, 1], [0x24, 0], [0x20, 1], [0x70, 11]), 0x70), 3);
});

test("given a driver that never accepts VIRTIO_F_VERSION_1, when it sets FEATURES_OK, then it is served as on QEMU", () => {
  assert.is(read(stores(virtio.initialState(0, "rng"), [0x70, 3], [0x70, 11]), 0x70), 11);
});

test("given a queue that is notified before DRIVER_OK, when that comes, then it is served once", () => {
  const ready = stores(
    virtio.initialState(3, "console"),
    [0x70, 11],
    [0x38, 8],
    [0x44, 1],
    [0x30, 1],
    [0x38, 8],
    [0x44, 1],
  );
  const early = stores(ready, [0x50, 1], [0x50, 1], [0x50, 7]);
  assert.equal(effects(ready, { ...notify, value: 1n }), []);
  const ok = { type: "bus/stored", offset: 0x70, width: 4, value: 15n } as const;
  assert.equal(effects(early, ok), [{ type: "bottomHalf/scheduled", id: "virtio3/queue1" }]);
  const running = reduce(early, ok);
  assert.equal(running, reduce(ready, ok), "nothing of it is left");
  assert.equal(effects(running, ok), []);
  assert.equal(reduce(early, { ...ok, value: 0n }), virtio.initialState(3, "console"), "a reset forgets it");
  assert.equal(effects(store(early, 0x44, 0), ok), [], "the queue was stopped meanwhile");
});

test("given a live queue, when it is notified, then its bottom half is scheduled; and not when it is missing, stopped or broken", () => {
  assert.equal(effects(started, notify), [{ type: "bottomHalf/scheduled", id: "virtio3/queue0" }]);
  assert.equal(effects(started, { ...notify, value: 1n }), []);
  assert.equal(effects(store(started, 0x44, 0), notify), []);
  assert.equal(effects(virtio.reduce(started, { type: "virtio/queueBroken", queue: 0 }), notify), []);
});

test("given a bottom half's id, when it is parsed, then it names its slot and queue, and other ids none", () => {
  assert.equal(virtio.parseVirtioBottomHalf(virtio.queueBottomHalf(7, 1)), { slot: 7, work: "queue1", queue: 1 });
  assert.equal(virtio.parseVirtioBottomHalf(virtio.virtioBottomHalf(2, "request/5")), {
    slot: 2,
    work: "request/5",
    queue: undefined,
  });
  assert.is(virtio.parseVirtioBottomHalf("virtio/queue1"), undefined);
});

test("given a broken queue, when the driver looks, then a reset is needed and a configuration change interrupts until acknowledged", () => {
  const broken = virtio.reduce(started, { type: "virtio/queueBroken", queue: 0 });
  assert.is(read(broken, 0x70), 0x4f);
  assert.is(read(broken, 0x60), virtio.INTERRUPT_CONFIGURATION);
  assert.ok(interruptLine(broken));
  assert.not(interruptLine(store(broken, 0x64, 2)));
  assert.is(read(store(broken, 0x70, 15), 0x70), 0x4f);
  assert.equal(store(broken, 0x70, 0), virtio.initialState(3, "rng"));
});

test("given a ready queue, when its place is stored, then it keeps the old one", () => {
  assert.is(stores(started, [0x38, 4], [0x80, 0x1000]), started);
});

test("given an empty slot, when anything is stored, then nothing changes", () => {
  const none = virtio.initialState(0, "none");
  for (let offset = 0; offset < 0x200; offset += 4) assert.is(store(none, offset, 0xffff_ffff), none);
  assert.equal(
    [0, 4, 8, 12].map((offset) => read(none, offset)),
    [0x7472_6976, 2, 0, 0x554d_4551],
  );
});

test("given input that waits, when the driver resets the console, then it waits on", () => {
  const device = { kind: "console", received: Uint8Array.of(1) } as const;
  const state = virtio.reduce(virtio.initialState(0, "console"), { type: "virtio/deviceChanged", device });
  assert.equal(store(state, 0x70, 0).device, device);
});

test("given a driver that resets its device, then what the device had put off is cancelled", () => {
  const state = virtio.initialState(3, "rng");
  const storing = (value: bigint) => effects(state, { type: "bus/stored", offset: 0x70, width: 4, value });
  assert.equal(storing(0n), [{ type: "bottomHalf/cancelled", id: "virtio3" }]);
  assert.equal(storing(1n), []);
});

test.run();
