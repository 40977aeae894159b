/** Questions asked together: one replay, and each has the rows that it has alone. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { calls, devices, output, printed, together, traps, visits } from "../../../../src/streams/past/query/index.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";

for (const range of [{}, { from: 3_000_000 }])
  test(`given questions and the range ${JSON.stringify(range)}, then together each answers what it does alone`, () => {
    const recording = openRecording("logs/race-fails.fold");
    const asked = {
      calls: calls(recording, { of: /^link_/, results: true, ...range }),
      visits: visits(recording, { of: ["link_read", "uart_put"], ...range }),
      traps: traps(recording, { results: true, ...range }),
      mei: traps(recording, { of: "mei", ...range }),
      devices: devices(recording, { of: ["clint", "0x10000000:1"], ...range }),
      output: output(recording, range),
      printed: printed(recording, range),
    };
    const rows = together(asked).toArray();
    for (const [kind, query] of Object.entries(asked)) {
      const alone = query.toArray().map((row) => ({ kind, ...row }));
      assert.ok(alone.length > 0, kind);
      assert.equal(
        rows.filter((row) => row.kind === kind),
        alone,
        kind,
      );
    }
  });

test.run();
