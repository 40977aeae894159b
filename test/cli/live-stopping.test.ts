// Breakpoints and watchpoints in the monitor of a machine that runs: where it stops, and that no recording shows it.
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { calls, writes } from "../../src/streams/past/query/index.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { DEMO, foldvm, testStdio, type Answer } from "./command-line.js";

const END = "run_until 900000";

/** A session with a script at its monitor. */
function recordedWith(path: string, ...lines: readonly string[]): Promise<Answer> {
  const stdio = testStdio();
  stdio.stdin.end(['type "crc\\n"', ...lines, "delete", END, "quit", ""].join("\n"));
  return foldvm(["record", "-o", path, ...DEMO, "--monitor", "-S", "--quiet"], stdio);
}

const icountsIn = (text: string): readonly number[] =>
  [...text.matchAll(/point \d+ \([^)]*\).*: instruction (\d+),/g)].map(([, icount]) => Number(icount));

test("given breakpoints and watchpoints on a machine that runs, then it stops where its recording says, which is the same without them", () =>
  withTemporaryFolder(async (folder) => {
    const [plain, stopped] = [join(folder, "plain.fold"), join(folder, "stopped.fold")];
    await recordedWith(plain);
    const { stdout } = await recordedWith(
      stopped,
      ...["break uart_put if $a0 == 0x64", "cont", "cont", "info breakpoints", "delete"],
      ...["watch console_idles", "cont", "delete", "tbreak uart_put", "cont", "finish", "info breakpoints", "rc"],
    );
    // In how many segments it was written is the host's pace.
    assert.equal([...openRecording(stopped).eventsFrom()], [...openRecording(plain).eventsFrom()]);
    assert.is(openRecording(stopped).info.stateHash, openRecording(plain).info.stateHash);
    const recording = openRecording(plain);
    const puts = calls(recording, { of: "uart_put" }).toArray();
    const [first, second] = puts.filter(({ args }) => Number(args[0]) === 0x64);
    const store = writes(recording, { of: "console_idles", from: second?.icount })
      .toArray()
      .find(({ before, value }) => before !== value);
    const next = puts.find(({ icount }) => icount > (store?.icount ?? Infinity));
    assert.equal(icountsIn(stdout).slice(0, 4), [
      first?.icount,
      second?.icount,
      (store?.icount ?? 0) + 1,
      next?.icount,
    ]);
    assert.match(stdout, /breakpoint 1: uart_put at .* if \$a0 == 0x64, hit 2 times/);
    assert.match(stdout, /There is no breakpoint or watchpoint/);
    assert.match(stdout, /error NOT_HERE: not in a record: a machine that runs goes forward only/);
  }));

test.run();
