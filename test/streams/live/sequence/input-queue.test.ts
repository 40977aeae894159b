import { test } from "uvu";
import * as assert from "uvu/assert";

import type { MachineEvent } from "../../../../src/reducers/events.js";
import { InputQueue, MAX_WAITING_INPUTS } from "../../../../src/streams/live/sequence/input-queue.js";

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

test("given inputs of two kinds, when all can go in, then the first to have come goes first, whichever kind came first before", () => {
  const queue = queueOf(typed(1), read(2n), read(3n), typed(4));
  // From here on the clock's reading is the older head, in the queue that was made last.
  assert.equal(
    queue.take(() => true),
    typed(1),
  );
  assert.equal(
    queue.take(() => true),
    read(2n),
  );
  assert.equal(
    queue.take(() => true),
    read(3n),
  );
  assert.equal(
    queue.take(() => true),
    typed(4),
  );
});

test("given as many inputs of a device as may wait, when one more comes, then it is refused by name, and another device's is not", () => {
  const queue = new InputQueue();
  for (let index = 0; index < MAX_WAITING_INPUTS; index++) queue.push(typed(index & 0xff));
  assert.throws(() => {
    queue.push(typed(0));
  }, /16384 inputs uart16550\/byteReceived wait.*taken\$/);
  queue.push(read(1n));
  assert.is(queue.length, MAX_WAITING_INPUTS + 1);
  // The room is there again as soon as one is taken.
  queue.take(() => true);
  queue.push(typed(0));
  assert.throws(() => {
    queue.push(typed(0));
  });
});

test.run();
