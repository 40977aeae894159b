/** A report that build servers read. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { junitReport } from "../../../../src/streams/session/verify/junit.js";
import type { Verified } from "../../../../src/streams/session/verify/verified-files.js";

const verified = (file: string, cause: string, code: number, message?: string): Verified => ({
  ...{ file, cause, code, message, ok: code === 0, seconds: 0.5 },
  ...{ complete: true, instructions: 1, events: 2, stateHashes: 3 },
});

test("given recordings that hold, diverge and can't be read, when it is reported, then each is a test case", () => {
  const report = junitReport("re<cordings>", [
    verified("a.fold", "guest-shutdown", 0),
    verified("b.fold", "divergence", 3, 'x0: "1" & <2>\u0007'),
    verified("c.fold", "file", 66, "no such file"),
  ]);
  assert.fixture(
    report,
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="foldvm verify" tests="3" failures="1" errors="1" time="1.500">
  <testsuite name="re&lt;cordings&gt;" tests="3" failures="1" errors="1" time="1.500">
    <testcase classname="foldvm.verify" name="a.fold" time="0.500"/>
    <testcase classname="foldvm.verify" name="b.fold" time="0.500">
      <failure type="divergence" message="x0: &quot;1&quot; &amp; &lt;2&gt;\ufffd">x0: &quot;1&quot; &amp; &lt;2&gt;\ufffd</failure>
    </testcase>
    <testcase classname="foldvm.verify" name="c.fold" time="0.500">
      <error type="file" message="no such file">no such file</error>
    </testcase>
  </testsuite>
</testsuites>
`,
  );
});

test.run();
