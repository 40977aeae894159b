// Fragments of IPv4 packets: put together, and never more of them kept than the limits say.
import { VirtualTimeScheduler } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { schedulerClock } from "../../../src/streams/host/net/scheduler-clock.js";
import type { Ipv4Packet } from "../../../src/streams/net/ipv4.js";
import { MAX_FRAGMENTS, MAX_PACKETS, Reassembly } from "../../../src/streams/net/reassembly.js";
import { pass } from "./pass.js";

const begun = () => {
  const scheduler = new VirtualTimeScheduler();
  return { scheduler, reassembly: new Reassembly(schedulerClock(scheduler)) };
};

const fragment = (fragmentOffset: number, length: number, more: boolean, identification = 1): Ipv4Packet => ({
  source: "10.0.2.15",
  destination: "10.0.2.2",
  protocol: 17,
  identification,
  fragmentOffset,
  moreFragments: more,
  payload: new Uint8Array(length).fill(fragmentOffset / 8 + 1),
});

test("given fragments in any order and some twice, when the last is there, then the packet is whole", () => {
  const { reassembly } = begun();
  assert.is(reassembly.add(fragment(16, 5, false)), undefined);
  assert.is(reassembly.add(fragment(0, 8, true)), undefined);
  assert.is(reassembly.add(fragment(0, 8, true)), undefined);
  const whole = reassembly.add(fragment(8, 8, true));
  assert.equal([...(whole?.payload ?? [])], [1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3]);
  assert.is(whole?.moreFragments, false);
});

// RFC 5722 §4.
test("given fragments that overlap, when the rest comes, then there is no packet, also of what comes later", () => {
  for (const overlapping of [fragment(8, 16, true), fragment(0, 16, true), fragment(0, 24, true)]) {
    const { reassembly } = begun();
    reassembly.add(fragment(0, 8, true));
    reassembly.add(fragment(8, 8, true));
    assert.is(reassembly.add(overlapping), undefined);
    assert.is(reassembly.add(fragment(16, 8, false)), undefined);
    for (const at of [0, 8]) assert.is(reassembly.add(fragment(at, 8, true)), undefined);
    assert.is(reassembly.add(fragment(16, 8, false)), undefined);
  }
});

test("given a fragment beyond the last, when the rest comes, then there is no packet", () => {
  const { reassembly } = begun();
  reassembly.add(fragment(24, 8, true));
  reassembly.add(fragment(8, 8, false));
  assert.is(reassembly.add(fragment(0, 8, true)), undefined);
});

test("given fragments that reach beyond the longest packet, or are empty, then they are none", () => {
  const { reassembly } = begun();
  assert.is(reassembly.add(fragment(65_528, 7, false)), undefined);
  assert.is(reassembly.add(fragment(0, 65_528, true))?.payload.length, 65_535);
  assert.is(reassembly.add(fragment(65_528, 8, false, 2)), undefined);
  assert.is(reassembly.add(fragment(0, 65_528, true, 2)), undefined);
  assert.is(reassembly.add(fragment(0, 0, true, 3)), undefined);
  assert.is(reassembly.add(fragment(0, 8, true, 3)), undefined);
  assert.is(reassembly.add(fragment(8, 8, false, 3))?.payload.length, 16);
});

test("given as many fragments as a packet may have, when it has one more, then it is lost", () => {
  for (const count of [MAX_FRAGMENTS, MAX_FRAGMENTS + 1]) {
    const { reassembly } = begun();
    let whole: Ipv4Packet | undefined;
    for (let index = 0; index < count; index += 1) whole = reassembly.add(fragment(index * 8, 8, index < count - 1));
    assert.is(whole?.payload.length, count === MAX_FRAGMENTS ? 8 * count : undefined);
  }
});

test("given as many incomplete packets as may be, when one more begins, then the longest unused is lost", () => {
  const { reassembly } = begun();
  for (let id = 0; id < MAX_PACKETS; id += 1) reassembly.add(fragment(0, 8, true, id));
  // The first is used again: the second is now the longest unused.
  reassembly.add(fragment(8, 8, true, 0));
  reassembly.add(fragment(0, 8, true, MAX_PACKETS));
  assert.is(reassembly.add(fragment(8, 8, false, 1)), undefined);
  assert.is(reassembly.add(fragment(16, 8, false, 0))?.payload.length, 24);
});

test("given a packet whose rest does not come in 30 s, when it comes, then it is too late", () => {
  const { scheduler, reassembly } = begun();
  reassembly.add(fragment(0, 8, true));
  pass(scheduler, 30_000);
  assert.is(reassembly.add(fragment(8, 8, false)), undefined);
});

// A frame is up to 70 KB, of which a fragment may be 8 bytes.
test("given a fragment of a large frame, when it is kept, then the frame is not", () => {
  const { reassembly } = begun();
  const frame = new Uint8Array(70_000);
  reassembly.add({ ...fragment(0, 8, true), payload: frame.subarray(34, 42), beginning: frame.subarray(14, 42) });
  frame.fill(9);
  const whole = reassembly.add(fragment(8, 8, false));
  assert.is(whole?.payload[0], 0);
  assert.is(whole?.beginning?.buffer.byteLength, 28);
});

test.run();
