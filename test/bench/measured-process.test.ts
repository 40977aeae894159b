/** A benchmark's process: its console is worked, its cost is told, and a failure is never a figure. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { measure } from "../../bench/measured-process.js";
import { geometricMean, median } from "../../bench/statistics.js";

const rejects = async (work: Promise<unknown>, pattern: RegExp): Promise<void> => {
  const message = await work.then(
    () => "no error",
    (error: unknown) => String(error),
  );
  assert.match(message, pattern);
};

test("given a prompt, when the plan types at it, then the process reads it and its cost is told", async () => {
  const cost = await measure({
    command: ["bash", "-c", 'printf "> "; read -r word; for i in {1..200000}; do :; done; echo "read $word"'],
    console: [{ waitFor: "> ", send: "hello\n" }],
    expect: "read hello",
  });
  assert.ok(cost.cpuMs > 10 && cost.wallMs > 10, JSON.stringify(cost));
});

test("given a process that exits with 3, when it is measured, then that is an error and no figure", async () => {
  await rejects(measure({ command: ["bash", "-c", "echo done; exit 3"], expect: "done" }), /exit code 3/);
});

test("given a process that shows something else, when it is measured, then that is an error and no figure", async () => {
  await rejects(measure({ command: ["echo", "checksum 2"], expect: "checksum 1" }), /does not show "checksum 1"/);
});

test("given a process that hangs, when its time is over, then it is ended and named", async () => {
  await rejects(measure({ command: ["sleep", "30"], expect: "", timeoutMs: 300 }), /not over after 0.3 s: sleep 30/);
});

test("given samples, when they are summed up, then median and geometric mean are the textbook's", () => {
  assert.is(median([3, 1, 2]), 2);
  assert.is(median([4, 1, 2, 3]), 2.5);
  assert.is(median([]), undefined);
  assert.ok(Math.abs((geometricMean([1, 4, 16]) ?? 0) - 4) < 1e-12);
});

test.run();
