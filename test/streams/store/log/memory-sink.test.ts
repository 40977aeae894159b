/** A recording in memory has a bound where it is given one. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { LogError, memorySink } from "../../../../src/streams/store/log/index.js";

test("given a bound, when as much is written, then it is there; a byte more is refused, and what was there stays", () => {
  const sink = memorySink(8);
  sink.write(Uint8Array.of(1, 2, 3, 4));
  sink.write(Uint8Array.of(5, 6, 7, 8));
  assert.throws(
    () => {
      sink.write(Uint8Array.of(9));
    },
    (fault: unknown) =>
      fault instanceof LogError && fault.code === "CANNOT_WRITE" && /at most 8 bytes/.test(fault.message),
  );
  assert.equal([...sink.bytes()], [1, 2, 3, 4, 5, 6, 7, 8]);
});

test.run();
