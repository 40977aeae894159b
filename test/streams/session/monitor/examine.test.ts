import { test } from "uvu";
import * as assert from "uvu/assert";

import { formatOf, MAX_COUNT } from "../../../../src/streams/session/monitor/examine.js";
import { MonitorError } from "../../../../src/streams/session/target/monitor-error.js";

test("given as many items as are shown at a time, then they are taken; with one more, then the command is refused", () => {
  assert.is(formatOf(`/${String(MAX_COUNT)}xw`).count, MAX_COUNT);
  assert.throws(
    () => formatOf(`/${String(MAX_COUNT + 1)}xw`),
    (fault: unknown) =>
      fault instanceof MonitorError && fault.code === "INVALID_FORMAT" && fault.message.includes("at most 65536"),
  );
});

test.run();
