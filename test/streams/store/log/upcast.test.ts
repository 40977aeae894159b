// How a format that does not exist yet will be read: each version by its own layout, brought up step by step.
import * as t from "io-ts";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { EVENTS } from "../../../../src/reducers/events.js";
import { U64, U8 } from "../../../../src/reducers/scalars.js";
import { EventColumns } from "../../../../src/streams/store/log/event-columns.js";
import { layoutOf } from "../../../../src/streams/store/log/event-layout.js";
import { SegmentEvents } from "../../../../src/streams/store/log/segment-events.js";
import type { FormatVersion } from "../../../../src/streams/store/log/upcast.js";
import {
  CURRENT_LAYOUT,
  CURRENT_VERSION,
  FORMAT_VERSIONS,
  formatOf,
} from "../../../../src/streams/store/log/upcast.js";

test("given the versions that exist, then each leads to the current one", () => {
  for (const version of FORMAT_VERSIONS.keys()) assert.ok(formatOf(version));
  assert.ok(FORMAT_VERSIONS.has(CURRENT_VERSION));
  assert.is(formatOf(CURRENT_VERSION + 1), undefined);
});

test("given two older versions, when an event of the first is read, then both steps were taken in order", () => {
  const oldest = layoutOf({ "clock/jumped": { wireId: 3, payload: { byUs: U8 } } });
  const versions = new Map<number, FormatVersion>([
    [
      1,
      { layout: oldest, toNext: { header: (json) => [json, 2], event: ({ byUs }) => ({ type: "clock/leapt", byUs }) } },
    ],
    [
      2,
      {
        layout: layoutOf({ "clock/leapt": { wireId: 3, payload: { byUs: U64 } } }),
        toNext: {
          header: (json) => [json, 3],
          event: ({ byUs }) => ({ type: "clock/warped", byNs: BigInt(byUs as number) * 1000n }),
        },
      },
    ],
    [3, { layout: CURRENT_LAYOUT }],
  ]);
  const format = formatOf(1, versions);
  if (format === undefined) throw new Error("the version is there");
  // Kind 3, no icount delta, byUs 5.
  const events = new SegmentEvents(Uint8Array.of(3, 0, 5), { firstSeq: 1, firstIcount: 8, count: 1 }, format, {});
  assert.equal(events.next(), { seq: 1, icount: 8, event: { type: "clock/warped", byNs: 5000n } });
  assert.equal(format.header("as it was"), [["as it was", 2], 3]);
});

test("given events with their members in another order in the source, then the layout is the same", () => {
  const raw = (payload: t.Props): Uint8Array => {
    const columns = new EventColumns(layoutOf({ "machine/shutdown": { wireId: 10, payload } }));
    columns.append({ icount: 0, event: { type: "machine/shutdown", cause: "guest", code: 3 } });
    return columns.take();
  };
  const { cause, code } = EVENTS["machine/shutdown"].payload;
  assert.equal(raw({ cause, code }), raw({ code, cause }));
});

test("given a wireId that stands twice, or a codec without a layout, then the table is refused", () => {
  assert.throws(() => layoutOf({ a: { wireId: 1, payload: {} }, b: { wireId: 1, payload: {} } }), /same wireId/);
  assert.throws(() => layoutOf({ a: { wireId: 1, payload: { x: t.boolean } } }), /boolean has no layout in the log/);
});

test.run();
