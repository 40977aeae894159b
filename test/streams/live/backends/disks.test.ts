// What a guest asks of its disks, and forgets by resetting the device, is not kept without end.
import { Subject } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { Effect } from "../../../../src/reducers/effect.js";
import type { MachineEvent } from "../../../../src/reducers/events.js";
import { MAX_IN_FLIGHT } from "../../../../src/reducers/virtio/blk.js";
import { disks } from "../../../../src/streams/live/backends/disks.js";
import { memoryDisk, type HostDisk } from "../../../../src/streams/store/host-disk.js";

const read = (slot: number, id: number): Effect => ({
  type: "disk/requested",
  slot,
  id,
  operation: "read",
  offset: 0,
  length: 512,
});

/** Disks in slots 0 and 1 that answer when they are let, and what has been answered. */
const held = () => {
  const waiting: (() => void)[] = [];
  const disk: HostDisk = {
    ...memoryDisk(new Uint8Array(512)),
    prepare: () => new Promise((resolve) => waiting.push(resolve)),
  };
  const effects$ = new Subject<Effect>();
  const answered: string[] = [];
  const seen = (event: MachineEvent): void => {
    if (event.type === "virtioBlk/requestCompleted") answered.push(`${String(event.slot)}/${String(event.id)}`);
  };
  disks(new Map([0, 1].map((slot) => [slot, disk])))(effects$, new Subject()).subscribe(seen);
  const answerAll = async (): Promise<void> => {
    for (const resolve of waiting) resolve();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { effects$, answered, answerAll };
};

const names = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `0/${String(from + index)}`);

test("given as many requests open as a device may have, when the host is done, then each is answered", async () => {
  const { effects$, answered, answerAll } = held();
  for (let id = 0; id < MAX_IN_FLIGHT; id += 1) effects$.next(read(0, id));
  await answerAll();
  assert.equal(answered, names(0, MAX_IN_FLIGHT));
});

test("given one more, when the host is done, then the oldest is not answered: the device has forgotten it", async () => {
  const { effects$, answered, answerAll } = held();
  effects$.next(read(1, 7));
  for (let id = 0; id <= MAX_IN_FLIGHT; id += 1) effects$.next(read(0, id));
  await answerAll();
  assert.equal(answered, ["1/7", ...names(1, MAX_IN_FLIGHT)], "another disk's stays");
});

test("given requests that were answered, when more come, then an old one that is still open stays", async () => {
  const { effects$, answered, answerAll } = held();
  effects$.next(read(0, 0));
  for (let id = 1; id <= 2 * MAX_IN_FLIGHT; id += 1) effects$.next({ ...read(0, id), operation: "flush" } as Effect);
  await answerAll();
  assert.equal(answered, [...names(1, 2 * MAX_IN_FLIGHT), "0/0"]);
});

test.run();
