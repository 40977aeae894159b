/** What was written to a variable, page by page, against all writes to it. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { writes } from "../../../../../src/streams/past/query/index.js";
import { MAX_HISTORY_ROWS } from "../../../../../src/streams/session/dap/data/history.js";
import type { HistoryAnswer } from "../../../../../src/streams/session/dap/own-requests.js";
import { openRecording } from "../../../../../src/streams/session/open-recording.js";
import { attached, type DapClient } from "../../../../support/dap-client.js";

const LOG = "logs/race-fails.fold";

const history = (client: DapClient, expression: string, more: object = {}): Promise<HistoryAnswer> =>
  client.ask("foldvm/history", { expression, ...more });

test("given a variable, when its history is asked for page by page, then it is all writes before here, the last first", async () => {
  const recording = openRecording(LOG);
  const all = writes(recording, { of: "link.count", until: 8_000_000 }).toArray();
  const client = await attached({ recording: LOG, at: "8000000" });
  const count = Math.ceil(all.length / 3);
  const pages: HistoryAnswer[] = [];
  for (let before: string | undefined; pages.length < 10;) {
    const page = await history(client, "link.count", { count, ...(before !== undefined && { before }) });
    pages.push(page);
    before = page.next;
    if (before === undefined) break;
  }
  assert.is(pages.length, 3);
  const rows = pages.flatMap((page) => page.rows);
  assert.ok(rows.length > 10);
  assert.equal(
    rows.map((row) => [row.at, row.old, row.new, row.function, row.line]),
    all
      .toReversed()
      .map((row) => [
        `${String(row.seq)}@${String(row.icount)}`,
        String(row.before),
        String(row.value),
        row.function,
        row.line,
      ]),
  );
  recording.close();
});

test("given a structure, when a part of it was written, then that is named", async () => {
  const client = await attached({ recording: LOG, at: "8000000" });
  const { rows } = await history(client, "link", { count: 50 });
  assert.ok(
    rows.some(({ part }) => part === ".count"),
    JSON.stringify(rows[0]),
  );
});

test("given more than an answer has, then as many as that come", async () => {
  const client = await attached({ recording: LOG, at: "8000000" });
  const page = await history(client, "checksum", { count: MAX_HISTORY_ROWS + 1 });
  assert.ok(page.rows.length <= MAX_HISTORY_ROWS);
  assert.is(page.next === undefined, page.rows.length < MAX_HISTORY_ROWS);
});

test("given what lies in no memory, then that is said", async () => {
  const client = await attached({ recording: LOG, at: "5390759" });
  const frameId = (await client.top()).id;
  const refused = await history(client, "i", { frameId }).then(
    () => "",
    (fault: unknown) => (fault as Error).message,
  );
  assert.match(refused, /i is in no memory here/);
});

test.run();
