import { test } from "uvu";
import * as assert from "uvu/assert";

import type { MachineEvent } from "../../../../src/reducers/events.js";
import { InputQueue } from "../../../../src/streams/live/sequence/input-queue.js";

const typed = (byte: number): MachineEvent => ({ type: "uart16550/byteReceived", byte });
const read = (hostNs: bigint): MachineEvent => ({ type: "goldfishRtc/hostClockRead", hostNs });

const queueOf = (...events: MachineEvent[]): InputQueue => {
  const queue = new InputQueue();
  for (const event of events) queue.push(event);
  return queue;
};

test("given inputs of several kinds, when all can go in, then they go in as they came", () => {
  const events = [typed(1), read(2n), typed(3), read(4n)];
  const queue = queueOf(...events);
  assert.equal(
    events.map(() => queue.take(() => true)),
    events,
  );
  assert.is(
    queue.take(() => true),
    undefined,
  );
  assert.is(queue.length, 0);
});

test("given a kind that can't go in, when taken from, then it holds up its own kind alone", () => {
  const queue = queueOf(typed(1), typed(2), read(3n));
  const noTyping = (event: MachineEvent): boolean => event.type !== "uart16550/byteReceived";
  assert.equal(queue.take(noTyping), read(3n));
  assert.is(queue.take(noTyping), undefined);
  assert.is(queue.length, 2);
  assert.equal(
    queue.take(() => true),
    typed(1),
  );
});

test("given two network cards, when one can't take its frame, then it does not hold up the other's", () => {
  const frame = (slot: number): MachineEvent => ({ type: "virtioNet/frameReceived", slot, frame: new Uint8Array(1) });
  const queue = queueOf(frame(0), frame(0), frame(1));
  assert.equal(
    queue.take((event) => "slot" in event && event.slot === 1),
    frame(1),
  );
  assert.is(queue.length, 2);
});

test("given a long text, when it waits and goes in byte by byte, then it takes no time that grows with it", () => {
  const queue = new InputQueue();
  const count = 300_000;
  for (let index = 0; index < count; index++) queue.push(typed(index & 0xff));
  const startMs = performance.now();
  for (let index = 0; index < count; index++) {
    queue.take(() => false);
    assert.ok(queue.take(() => true) !== undefined);
  }
  // Quadratic, it took minutes.
  assert.ok(performance.now() - startMs < 5000);
});

test.run();
