// Breakpoints of all kinds over a recording, forward and back: they stop where questions about it say.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { traps, visits, writes, type Visit } from "../../../../src/streams/past/query/index.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { attached, type DapClient } from "../../../support/dap-client.js";

const LOG = "logs/race-fails.fold";
const recording = openRecording(LOG);

interface Breakpoint {
  readonly id: number;
  readonly verified: boolean;
  readonly line?: number;
  readonly message?: string;
}

const icountOf = async (client: DapClient): Promise<number> =>
  (await client.ask<{ icount: number }>("foldvm/where")).icount;

/** Forward through some of the places, back again, and the ids and reasons on the way. */
async function goesThrough(client: DapClient, icounts: readonly number[], reason: string, id: number): Promise<void> {
  const some = icounts.slice(0, 4);
  for (const icount of some) {
    const stopped = await client.move("continue");
    assert.is(stopped.reason, reason);
    assert.equal(stopped.hitBreakpointIds, [id]);
    assert.is(await icountOf(client), icount);
  }
  for (const icount of some.slice(0, -1).reverse()) {
    const stopped = await client.move("reverseContinue");
    assert.is(stopped.reason, reason);
    assert.is(await icountOf(client), icount);
  }
  const stopped = await client.move("reverseContinue");
  assert.is(stopped.reason, "beginning");
  assert.is(await icountOf(client), 0);
}

const set = async (
  client: DapClient,
  command: string,
  breakpoints: readonly object[],
  more: object = {},
): Promise<Breakpoint> => {
  const {
    breakpoints: [first],
  } = await client.ask<{ breakpoints: readonly Breakpoint[] }>(command, { breakpoints, ...more });
  return first!;
};
const icountsOf = (of: string): readonly number[] =>
  visits(recording, { of })
    .toArray()
    .map(({ icount }: Visit) => icount);

test("given a source breakpoint, then it stops each time before its line, forward and back", async () => {
  const client = await attached({ recording: LOG });
  const found = await set(client, "setBreakpoints", [{ line: 23 }], { source: { path: "/home/me/demo/link.c" } });
  assert.ok(found.verified, found.message);
  assert.is(found.line, 23);
  await goesThrough(client, icountsOf("link.c:23"), "breakpoint", found.id);
});

test("given a line without code, then the next one that has some is meant; behind the last, none", async () => {
  const client = await attached({ recording: LOG });
  const source = { path: "/home/me/demo/link.c" };
  const [next = 0] = recording.names.linesOf("link.c").filter((line) => line > 1);
  const before = next - 1;
  assert.is((await set(client, "setBreakpoints", [{ line: before }], { source })).line, next);
  const behind = await set(client, "setBreakpoints", [{ line: 9999 }], { source });
  assert.is(behind.verified, false);
  assert.match(behind.message ?? "", /no line from 9999 on has instructions; the last one is \d+/);
  const strange = await set(client, "setBreakpoints", [{ line: 1 }], { source: { path: "/x/none.c" } });
  assert.match(strange.message ?? "", /no image tells of lines of \/x\/none\.c/);
});

test("given a condition and a hit condition, then both must hold: the same hits both ways", async () => {
  const client = await attached({ recording: LOG });
  const all = visits(recording, { of: "link_read" })
    .toArray()
    .map(({ icount }) => icount);
  const [entry] = [recording.names.named("link_read").address];
  const instruction = { instructionReference: `0x${entry.toString(16)}` };
  const found = await set(client, "setInstructionBreakpoints", [
    { ...instruction, hitCondition: "% 50", condition: "$sp != 0" },
  ]);
  assert.ok(found.verified, found.message);
  const wanted = all.filter((_, index) => (index + 1) % 50 === 0);
  await goesThrough(client, wanted, "instruction breakpoint", found.id);
  const wrong = await set(client, "setInstructionBreakpoints", [{ ...instruction, condition: "nothing == 3" }]);
  assert.is(wrong.verified, false);
  assert.match(wrong.message ?? "", /there is no nothing/);
  const odd = await set(client, "setInstructionBreakpoints", [{ ...instruction, hitCondition: "often" }]);
  assert.match(odd.message ?? "", /hit condition "often": give a number/);
});

test("given a function breakpoint, then it stops behind the beginning, where parameters are", async () => {
  const client = await attached({ recording: LOG });
  const found = await set(client, "setFunctionBreakpoints", [{ name: "link_read" }]);
  await client.move("continue");
  const { line } = await client.top();
  assert.is(line, found.line);
  assert.is((await client.stack()).length > 1, true);
  assert.match((await set(client, "setFunctionBreakpoints", [{ name: "link_rea" }])).message ?? "", /link_read/);
});

test("given a data breakpoint, then it stops behind each store that changes it, and going back before", async () => {
  const client = await attached({ recording: LOG });
  const info = await client.ask<{ dataId: string; accessTypes: readonly string[] }>("dataBreakpointInfo", {
    name: "link.count",
  });
  assert.equal(info.accessTypes, ["write", "read", "readWrite"]);
  const found = await set(client, "setDataBreakpoints", [{ dataId: info.dataId, accessType: "write" }]);
  const stores = writes(recording, { of: "link.count" })
    .toArray()
    .filter(({ before, value }) => before !== value);
  const first = await client.move("continue");
  assert.is(first.reason, "data breakpoint");
  assert.equal(first.hitBreakpointIds, [found.id]);
  assert.is(await icountOf(client), stores[0]!.icount + 1);
  await client.move("continue");
  await client.move("reverseContinue");
  assert.is(await icountOf(client), stores[1]!.icount);
  const none = await client.ask<{ dataId: string | null; description: string }>("dataBreakpointInfo", {
    name: "nothing",
  });
  assert.is(none.dataId, null);
  assert.match(none.description, /there is no nothing/);
});

test("given a log point, then it says its text on the way and never stops; back it is silent", async () => {
  const client = await attached({ recording: LOG });
  await set(client, "setFunctionBreakpoints", [{ name: "link_read" }]);
  await set(client, "setInstructionBreakpoints", [
    {
      instructionReference: `0x${recording.names.named("link_read").address.toString(16)}`,
      logMessage: "read {room} {none}",
    },
  ]);
  await client.move("continue");
  const said = client.events.filter(
    ({ event, body }) => event === "output" && (body as { category: string }).category === "console",
  );
  assert.is(said.length, 1);
  const { output, data } = said[0]!.body as { output: string; data: { icount: number } };
  assert.match(output, /^read 8 <there is no none/);
  assert.is(data.icount, icountsOf("link_read")[0]);
});

test("given a filter of traps, then it stands before each, with its cause, forward and back", async () => {
  const client = await attached({ recording: LOG });
  const taken = traps(recording, { of: ["mti", "mei"] }).toArray();
  const { breakpoints } = await client.ask<{ breakpoints: readonly Breakpoint[] }>("setExceptionBreakpoints", {
    filters: ["interrupt"],
  });
  await goesThrough(
    client,
    taken.map(({ icount }) => icount),
    "exception",
    breakpoints[0]!.id,
  );
  await client.move("continue");
  const info = await client.ask<{ exceptionId: string; description: string }>("exceptionInfo", { threadId: 1 });
  assert.is(info.exceptionId, taken[0]!.cause);
  assert.match(info.description, new RegExp(`epc 0x${taken[0]!.pc.toString(16)}`));
});

test.run();
