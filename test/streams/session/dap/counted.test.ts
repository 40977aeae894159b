// Hits that are counted in a whole recording: up to a bound.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { CountedHits, MAX_COUNTED_HITS } from "../../../../src/streams/session/dap/breakpoints/counted.js";
import type { NewStopPoint } from "../../../../src/streams/session/stop-points/stop-point.js";
import type { MonitorTarget } from "../../../../src/streams/session/target/target.js";

const recording = openRecording("logs/race-fails.fold");
const POINT: NewStopPoint = {
  ...{ kind: "break", place: "main", addresses: [], ranges: [], condition: undefined, isMet: () => true },
  ...{ isSteppedOver: false, isOnce: false },
};

/** In a recording of this many hits, at 0, 1, 2 ... */
function targetOf(hits: number): MonitorTarget {
  const rows = (_rows$: unknown, limit: number): Promise<readonly object[]> =>
    Promise.resolve(Array.from({ length: Math.min(hits, limit) }, (_, icount) => ({ position: { seq: 0, icount } })));
  return { lastIcount: hits, past: { recording, rows } } as unknown as MonitorTarget;
}

test("given as many hits as are counted, then each is known; given one more, then they are too many", async () => {
  const counted = new CountedHits((hit) => hit === MAX_COUNTED_HITS, POINT);
  assert.is(await counted.prepare(targetOf(MAX_COUNTED_HITS)), true);
  assert.is(counted.isMet(MAX_COUNTED_HITS - 1), true);
  assert.is(counted.isMet(MAX_COUNTED_HITS - 2), false);
  const tooMany = new CountedHits(() => true, POINT);
  assert.is(await tooMany.prepare(targetOf(MAX_COUNTED_HITS + 1)), false);
});

test.run();
