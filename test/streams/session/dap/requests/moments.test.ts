// The adapter goes to moments: any place of a recording, and where a line was printed; and asks log points at once.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { output, visits } from "../../../../../src/streams/past/query/index.js";
import { openRecording } from "../../../../../src/streams/session/open-recording.js";
import { attached, type DapClient } from "../../../../support/dap-client.js";

const LOG = "logs/race-fails.fold";
const recording = openRecording(LOG);

interface Where {
  readonly at: string;
  readonly seq: number;
  readonly icount: number;
  readonly lastIcount: number;
}
const where = (client: DapClient): Promise<Where> => client.ask<Where>("foldvm/where");
const printed = (client: DapClient): readonly { output: string; data: { at: string } }[] =>
  client.events
    .filter(({ event }) => event === "output")
    .map(({ body }) => body as { output: string; data: { at: string } });

test("given a line that was printed, then its output goes to the moment at which it was", async () => {
  const client = await attached({ recording: LOG });
  await client.move("continue");
  const lines = output(recording).toArray();
  const told = printed(client);
  assert.equal(
    told.map(({ output: text, data }) => [text.trimEnd(), data.at]),
    lines.map(({ text, seq, icount }) => [text.trimEnd(), `${String(seq)}@${String(icount)}`]),
  );
  const third = told[2]!;
  assert.is((await client.move("foldvm/goTo", { to: third.data.at })).reason, "goto");
  assert.is((await where(client)).at, third.data.at);
});

test("given a text, then it goes to the line before that has it, or else to the next one", async () => {
  const client = await attached({ recording: LOG });
  const [first] = output(recording, "FAIL").toArray();
  await client.move("foldvm/goToOutput", { text: "FAIL" });
  assert.is((await where(client)).icount, first!.icount);
  await client.move("continue");
  await client.move("foldvm/goToOutput", { text: "/^FAIL/" });
  assert.is((await where(client)).icount, first!.icount);
  const stopped = await client.move("foldvm/goToOutput", { text: "never printed" });
  assert.match(stopped.text ?? "", /no other line has "never printed" in it/);
  assert.is((await where(client)).icount, first!.icount);
});

test("given places in words, then it goes to each; what is none is refused with the forms that there are", async () => {
  const client = await attached({ recording: LOG, at: "5_000_000" });
  assert.is((await where(client)).icount, 5_000_000);
  for (const [to, icount] of [
    ["1000", 1000],
    ["end", recording.info.instructions],
    ["start", 0],
  ] as const) {
    await client.move("foldvm/goTo", { to });
    assert.is((await where(client)).icount, icount);
  }
  assert.match(
    await client.ask("foldvm/goTo", { to: "nowhere" }).then(String, String),
    /nowhere: give an instruction count, seq:N/,
  );
});

test("given a log point, then one question says what it would over the whole recording", async () => {
  const client = await attached({ recording: LOG });
  const { rows } = await client.ask<{ rows: readonly { at: string; text: string }[] }>("foldvm/logs", {
    place: "link_read",
    condition: "room == 8",
    logMessage: "room {room}",
    count: 20_000,
  });
  const all = visits(recording, { of: "link_read" }).toArray();
  assert.equal(
    rows,
    all.map(({ seq, icount }) => ({ at: `${String(seq)}@${String(icount)}`, text: "room 8" })),
  );
  assert.is((await where(client)).icount, 0);
  const byLine = await client.ask<{ rows: readonly unknown[] }>("foldvm/logs", {
    source: "/any/link.c",
    line: 23,
    logMessage: "",
    count: 3,
  });
  assert.is(byLine.rows.length, 3);
  const said = await client.ask("foldvm/logs", { logMessage: "" }).then(String, String);
  assert.match(said, /a log point is at a place, such as main, or at a line/);
});

test("given lines that are asked for, then each comes with its moment", async () => {
  const client = await attached({ recording: LOG });
  const { rows } = await client.ask<{ rows: readonly { text: string }[] }>("foldvm/outputs", {
    text: "FAIL",
    count: 20_000,
  });
  assert.equal(
    rows.map(({ text }) => text),
    output(recording, "FAIL")
      .toArray()
      .map(({ text }) => text),
  );
});

test.run();
