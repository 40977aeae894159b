/** Bisecting finds the first moment at which something holds that stays so, also between events at one icount. */
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { Moment } from "../../../../src/streams/past/moment.js";
import { bisect, changes } from "../../../../src/streams/past/query/index.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";

const log = (name: string): string => fileURLToPath(new URL(`../../../../logs/${name}.fold`, import.meta.url));

const positionOf = (moment: Moment | undefined): unknown => moment && { seq: moment.seq, icount: moment.icount };

test("given an instruction count, when it is bisected for, with and without states, then it is that one", () => {
  const recording = openRecording(log("race-fails"));
  for (const icount of [0, 1, 4_567_891, recording.info.instructions]) {
    assert.is(bisect(recording, (moment) => moment.icount >= icount)?.icount, icount);
  }
  assert.is(bisect(openRecording(log("race-fails")), ({ icount }) => icount >= 3_000_001)?.icount, 3_000_001);
  assert.is(
    bisect(recording, () => false),
    undefined,
  );
  assert.is(
    bisect(recording, ({ icount }) => icount >= 10, { until: 9 }),
    undefined,
  );
});

test("given each event, when its moment is bisected for, then it is right behind it, whatever stands at its icount", () => {
  for (const name of ["session", "virtio"]) {
    const recording = openRecording(log(name));
    const events = [...recording.log.events()];
    // Some of those that stand where others do, too.
    const wanted = events.filter(({ icount }, index) => index % 8 === 0 || events[index - 1]?.icount === icount);
    for (const { seq, icount } of wanted.slice(0, 12)) {
      assert.equal(
        positionOf(bisect(recording, (moment) => moment.seq >= seq)),
        { seq, icount },
        `${name}, seq ${String(seq)}`,
      );
    }
  }
});

test("given a value in memory, when its last change is bisected for, then it is right behind the store", () => {
  const recording = openRecording(log("race-fails"));
  const store = changes(recording, (moment) => moment.read("link:4")).last();
  assert.ok(store !== undefined);
  const from = changes(recording, (moment) => moment.read("link:4"))
    .toArray()
    .at(-2)?.icount;
  const found = bisect(recording, (moment) => moment.read("link:4") === store.value, { from: (from ?? 0) + 1 });
  assert.is(found?.icount, store.icount + 1);
});

test("given a place that is not mapped early, when a predicate reads it, then it does not hold there", () => {
  const recording = openRecording(log("race-fails"));
  const found = bisect(recording, (moment) => moment.read(moment.icount < 1_000_000 ? "0x10:4" : "link:4") === 0n);
  assert.is(found?.icount, 1_000_000);
  const mistaken = (moment: Moment): boolean => moment.read("lnik") === 0n;
  assert.throws(() => bisect(recording, mistaken), /lnik/);
});

test.run();
