// Events as JSON: plain, with one form a scalar, and back again.
import { positionOf, type VirtualNs } from "../../../../src/reducers/position.js";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { streamEventOf } from "../../../../src/reducers/stream-event.js";
import { fromJson, LogError, toJson } from "../../../../src/streams/store/log/index.js";
import { randomEvents } from "./sample-recordings.js";

test("given any events, when they go through a line of JSON, then they are the same", () => {
  for (const { seq, icount, event: happened } of randomEvents(6, 1000)) {
    const event = streamEventOf({ ...positionOf(seq, icount), event: happened }, 5n as VirtualNs);
    assert.equal(fromJson(JSON.parse(JSON.stringify(toJson(event)))), event);
  }
});

test("given U64 and Bytes, then they are decimal strings and hex, whatever their size", () => {
  const line = JSON.stringify(toJson({ seq: 1, icount: 2, ns: 1n << 60n, type: "clock/warped", byNs: 3n }));
  assert.is(line, '{"seq":1,"icount":2,"ns":"1152921504606846976","type":"clock/warped","byNs":"3"}');
  const bytes = Uint8Array.of(0, 255, 16);
  assert.equal(toJson({ seq: 4, icount: 5, ns: 9n, type: "virtioRng/entropyProvided", slot: 6, bytes }), {
    seq: 4,
    icount: 5,
    ns: "9",
    type: "virtioRng/entropyProvided",
    slot: 6,
    bytes: "00ff10",
  });
});

test("given JSON that is no event, then the error names what is wrong", () => {
  const refused = (json: unknown): LogError => {
    try {
      fromJson(json);
    } catch (error) {
      if (error instanceof LogError) return error;
    }
    throw new Error("it was taken");
  };
  const place = { seq: 1, icount: 2, ns: "3" };
  assert.is(refused(null).code, "INVALID_EVENT");
  assert.is(refused({ seq: 1, icount: 2, type: "clock/warped", byNs: "1" }).code, "INVALID_EVENT", "without ns");
  assert.is(refused({ seq: 1, type: "clock/warped" }).code, "INVALID_EVENT");
  assert.is(refused({ ...place, type: "nobody/knows" }).code, "UNKNOWN_EVENT");
  assert.is(refused({ ...place, type: "clock/warped" }).field, "byNs");
  for (const byNs of [3, "-1", "03", "", "0x3", "18446744073709551616", "1e3"]) {
    assert.is(refused({ ...place, type: "clock/warped", byNs }).field, "byNs", String(byNs));
  }
  assert.is(refused({ ...place, type: "clock/warped", byNs: "1", byUs: 2 }).field, "byUs");
  assert.is(refused({ ...place, type: "virtioRng/entropyProvided", slot: 0, bytes: "0" }).field, "bytes");
});

test.run();
