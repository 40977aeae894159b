// Questions at the monitor: the rows of foldvm query, few enough to read, and given up where nobody waits.
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { calls, writes } from "../../../../src/streams/past/query/index.js";
import { at } from "../../../../src/streams/past/query/at.js";
import { treeLines, whence } from "../../../../src/streams/past/whence/index.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { Monitor } from "../../../../src/streams/session/monitor/monitor.js";
import { ReplayTarget } from "../../../../src/streams/session/target/replay-target.js";
import { rowText } from "../../../../src/streams/session/row-text.js";

const recording = openRecording(fileURLToPath(new URL("../../../../logs/race-fails.fold", import.meta.url)));
const target = new ReplayTarget(recording, {
  heard: () => undefined,
  failed: (fault) => {
    throw fault;
  },
  quit: () => undefined,
});
const monitor = new Monitor(target);

test("given a question, then its first rows are shown, or the last one, and it stands where it was", async () => {
  const rows = writes(recording, { of: "link.count" }).toArray();
  const lines = (await monitor.execute("query writes link.count --limit 3")).split("\n");
  assert.equal(
    lines,
    rows.slice(0, 3).map((row) => rowText(row as never)),
  );
  assert.is(await monitor.execute("query writes link.count --last"), rowText(rows.at(-1) as never));
  const [call] = calls(recording, { of: "uart_put", results: true }).toArray();
  assert.is(await monitor.execute("query calls uart_put --limit 1 --results"), rowText(call as never));
  assert.match(await monitor.execute("query changes a0 at uart_put --limit 1"), /uart_put .*value=0xd$/);
  assert.is(target.present().position.icount, 0);
});

test("given what is no question, then it says what one is", async () => {
  for (const [line, message] of [
    ["query", /a question is missing/],
    ["query wrtes link.count", /is writes meant/],
    ["query writes link.count --results", /calls, traps, syscalls have/],
    ["query writes link.count --limit 0", /a count from 1/],
    ["query writes a b", /a b/],
  ] as const) {
    try {
      await monitor.execute(line);
      assert.unreachable(line);
    } catch (fault) {
      assert.match((fault as Error).message, message);
    }
  }
  assert.match(await monitor.execute("task"), /No task is known here/);
});

test("given a question under way, when it is given up, then it says so", async () => {
  const answer = monitor.execute("query visits crc32 --limit 100000000").catch((fault: unknown) => fault);
  assert.is(target.giveUp(), true);
  assert.is(((await answer) as { code?: string }).code, "INTERRUPTED");
  assert.is(target.giveUp(), false);
});

test("given a place, when it is asked where its value came from, then the tree is that of foldvm whence there", async () => {
  await monitor.execute("run_until 8400292");
  const moment = at(recording, 8_400_292);
  assert.is(
    await monitor.execute("whence link.count --depth 3 --control"),
    treeLines(whence(moment, "link.count"), { depth: 3, nodes: 20, conditions: true }).join("\n"),
  );
  assert.is((await monitor.execute("whence link.count --nodes 2")).split("\n").length, 2);
  for (const [line, message] of [
    ["whence", /is missing/],
    ["whence --control", /is missing/],
    ["whence a b", /b: one place/],
    ["whence a0 --nodes 0", /a count from 1/],
    ["whence lnik", /there is no lnik/],
  ] as const) {
    const fault = await monitor.execute(line).catch((thrown: unknown) => thrown);
    assert.match((fault as Error).message, message);
  }
});

test("given a tree that grows, when it is given up, then what was found is answered, and it stands where it was", async () => {
  const answer = monitor.execute("whence link.count --nodes 5000 --depth 500 --control --address");
  await new Promise((resolve) => setTimeout(resolve, 300));
  await monitor.interrupt();
  assert.match(await answer, /^link\.count = [^]*\nended early; … marks where there may be more$/);
  assert.is(target.present().position.icount, 8_400_292);
});

test.run();
