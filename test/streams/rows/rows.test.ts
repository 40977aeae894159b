/** The one source of rows: what is read of a recording is its log and what questions find, each once, in order. */
import { lastValueFrom, toArray } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { output, traps } from "../../../src/streams/past/query/index.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { rows, type StreamRow } from "../../../src/streams/rows/index.js";

const RACE = "logs/race-fails.fold";

const allOf = async (source: AsyncIterable<StreamRow>): Promise<StreamRow[]> => {
  const all: StreamRow[] = [];
  for await (const row of source) all.push(row);
  return all;
};

test("given a recording, when its rows are read, then they are its events in order, each with its hart", async () => {
  const recording = openRecording(RACE);
  const all = await allOf(rows(recording));
  assert.equal(
    all.map(({ seq }) => seq),
    [...recording.eventsFrom()].map(({ seq }) => seq),
  );
  assert.ok(all.every(({ hart }) => hart === 0));
});

test("given questions too, then their rows stand between the events, and pushed they are the same as pulled", async () => {
  const recording = openRecording(RACE);
  const asked = { output: output(recording), traps: traps(recording) };
  const pulled = await allOf(rows(recording, { questions: asked }));
  for (const [index, { seq, icount }] of pulled.entries()) {
    const before = pulled[index - 1];
    assert.ok(before === undefined || before.seq < seq || (before.seq === seq && before.icount <= icount));
  }
  for (const [kind, query] of Object.entries(asked))
    assert.equal(
      pulled.filter((row) => row.kind === kind),
      query.toArray().map((row) => ({ kind, ...row })),
    );
  assert.equal(await lastValueFrom(rows(recording, { questions: asked }).pipe(toArray())), pulled);
});

test.run();
