// Jumps to other times of a line, and to the beginning of a call: against all visits, which one question tells.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { visits } from "../../../../src/streams/past/query/index.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { attached, type DapClient } from "../../../support/dap-client.js";

const LOG = "logs/race-fails.fold";
const SOURCE = { path: "guests/demo/format.c" };
const LINE = 31;
const HERE = 9_000_000;
const recording = openRecording(LOG);

const icountOf = async (client: DapClient): Promise<number> =>
  (await client.ask<{ readonly icount: number }>("foldvm/where")).icount;
const times = (place: string | bigint): readonly number[] =>
  visits(recording, { of: place })
    .toArray()
    .map(({ icount }) => icount);

test("given a line, then it goes to the last time before here that it was executed, and to the next one", async () => {
  const client = await attached({ recording: LOG, at: String(HERE) });
  const begins = recording.names
    .breakAddressesOf("format.c", LINE)
    .flatMap(times)
    .sort((a, b) => a - b);
  const { targets } = await client.ask<{ targets: readonly { id: number; label: string; line: number }[] }>(
    "gotoTargets",
    { source: SOURCE, line: LINE },
  );
  assert.equal(
    targets.map(({ label }) => label),
    ["line 31: the last time before here", "line 31: the next time"],
  );
  const next = begins.find((icount) => icount > HERE)!;
  assert.is((await client.move("goto", { targetId: targets[1]!.id })).reason, "goto");
  assert.is(await icountOf(client), next);
  // Where it stands is neither before here nor behind it.
  await client.move("goto", { targetId: targets[1]!.id });
  assert.is(
    await icountOf(client),
    begins.find((icount) => icount > next),
  );
  await client.move("goto", { targetId: targets[0]!.id });
  assert.is(await icountOf(client), next);
  await client.move("goto", { targetId: targets[0]!.id });
  assert.is(
    await icountOf(client),
    begins.findLast((icount) => icount < HERE),
  );
});

test("given a line that is not executed any more, then it stays where it is, and says so", async () => {
  const client = await attached({ recording: LOG, at: "10" });
  await client.ask("gotoTargets", { source: SOURCE, line: LINE });
  const { text } = await client.move("goto", { targetId: 0 });
  assert.match(text ?? "", /it was not executed before here; the machine stays where it is/);
  assert.is(await icountOf(client), 10);
  try {
    await client.ask("goto", { threadId: 1, targetId: 7 });
    assert.unreachable();
  } catch (fault) {
    assert.match((fault as Error).message, /7: ask gotoTargets/);
  }
});

test("given a call on the stack, when it is restarted, then it stands where the function began, and stays there", async () => {
  const client = await attached({ recording: LOG, at: String(HERE) });
  const stack = await client.stack();
  const index = stack.findIndex(({ name }) => name === "format");
  const frame = stack[index]!;
  assert.is(frame.canRestart, true);
  const entries = times("format").filter((icount) => icount <= HERE);
  assert.is((await client.move("restartFrame", { frameId: frame.id })).reason, "restart");
  assert.is(await icountOf(client), entries.at(-1));
  const [top] = await client.stack();
  assert.is(top?.name, "format");
  await client.move("restartFrame", { frameId: top?.id });
  assert.is(await icountOf(client), entries.at(-1));
});

test("given a program, then the files that it was compiled from are told", async () => {
  const client = await attached({ recording: LOG });
  const { sources } = await client.ask<{ sources: readonly { name: string; path: string }[] }>("loadedSources");
  const names = sources.map(({ name }) => name);
  for (const file of ["start.S", "main.c", "format.c"]) assert.ok(names.includes(file), file);
  assert.equal(new Set(sources.map(({ path }) => path)).size, sources.length);
});

test.run();
