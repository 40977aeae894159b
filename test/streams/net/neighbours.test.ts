// Who is where on the wire: what waits for an answer, and how much of it.
import { VirtualTimeScheduler } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { schedulerClock } from "../../../src/streams/host/net/scheduler-clock.js";
import { MAX_NEIGHBOURS, MAX_WAITING, Neighbours } from "../../../src/streams/net/neighbours.js";
import { pass } from "./pass.js";

const begun = () => {
  const scheduler = new VirtualTimeScheduler();
  const asked: string[] = [];
  const delivered: [string, number | undefined][] = [];
  const neighbours = new Neighbours(
    schedulerClock(scheduler),
    (address) => asked.push(address),
    (mac, packet) => delivered.push([mac, packet[0]]),
  );
  return {
    neighbours,
    asked,
    delivered,
    pass: (ms: number) => {
      pass(scheduler, ms);
    },
  };
};

const address = (index: number): string => `10.1.${String(index >> 8)}.${String(index & 0xff)}`;
const packet = (first: number): Uint8Array => Uint8Array.of(first);

test("given an address that is not known, when it answers, then what waited is delivered, as much as may wait", () => {
  const { neighbours, asked, delivered } = begun();
  for (let count = 0; count <= MAX_WAITING; count += 1) neighbours.send(address(1), packet(count));
  neighbours.learn(address(1), "mac");
  assert.equal(
    delivered,
    Array.from({ length: MAX_WAITING }, (_, index) => ["mac", index]),
  );
  assert.equal(asked, [address(1)]);
});

test("given nobody who answers, when it was asked five times, then what waited is lost", () => {
  const { neighbours, asked, delivered, pass } = begun();
  neighbours.send(address(1), packet(1));
  pass(60_000);
  assert.is(asked.length, 5);
  neighbours.learn(address(1), "mac");
  assert.equal(delivered, []);
});

test("given as many known addresses as may be, when there is one more, then the longest unused must be asked for again", () => {
  const { neighbours, asked, delivered } = begun();
  for (let index = 0; index < MAX_NEIGHBOURS; index += 1) neighbours.learn(address(index), "mac");
  neighbours.send(address(0), packet(0));
  neighbours.learn(address(MAX_NEIGHBOURS), "mac");
  neighbours.send(address(0), packet(0));
  neighbours.send(address(1), packet(1));
  assert.equal([delivered.length, asked], [2, [address(1)]]);
});

test("given as many unknown addresses as may be asked for, when there is one more, then the oldest is given up", () => {
  const { neighbours, delivered } = begun();
  for (let index = 0; index <= MAX_NEIGHBOURS; index += 1) neighbours.send(address(index), packet(index));
  neighbours.learn(address(0), "first");
  neighbours.learn(address(1), "second");
  assert.equal(delivered, [["second", 1]]);
});

test.run();
