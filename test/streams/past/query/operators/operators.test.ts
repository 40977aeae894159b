/** Operators make a query of a query: lazy, searched from the end, explained as before. */
import { fileURLToPath } from "node:url";
import { firstValueFrom, lastValueFrom, map, toArray } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { calls, Query, select, where, writes } from "../../../../../src/streams/past/query/index.js";
import { openRecording } from "../../../../../src/streams/session/open-recording.js";

const LOG = fileURLToPath(new URL("../../../../../logs/race-fails.fold", import.meta.url));

test("given rows, when some are kept and others are made of them, then each way of reading shows the same", async () => {
  const all = calls(openRecording(LOG), { of: /uart/, until: 200_000 });
  const query = all.pipe(
    where(({ icount }) => icount % 3 === 0),
    select(({ icount }) => icount),
  );
  const expected = all
    .toArray()
    .filter(({ icount }) => icount % 3 === 0)
    .map(({ icount }) => icount);
  assert.ok(expected.length > 10 && expected.length < all.toArray().length, String(expected.length));
  assert.instance(query, Query);
  assert.equal(query.toArray(), expected);
  assert.equal(await lastValueFrom(query.pipe(toArray())), expected);
  const pulled: number[] = [];
  for await (const icount of query) pulled.push(icount);
  assert.equal(pulled, expected);
  assert.is(query.first(), expected[0]);
  assert.is(query.last(), expected.at(-1));
  // How long it takes was measured meanwhile.
  assert.equal({ ...query.explain(), estimatedMs: 0 }, { ...all.explain(), estimatedMs: 0 });
});

test("given rxjs' operators behind those of queries, then they make a stream", async () => {
  const query = calls(openRecording(LOG), { of: "main" });
  const name$ = query.pipe(map(({ function: name }) => `${name}()`));
  assert.not.instance(name$, Query);
  assert.is(await firstValueFrom(name$), "main()");
  assert.is(
    await firstValueFrom(query.pipe(where(() => true)).pipe(map(({ caller }) => caller))),
    query.first()?.caller,
  );
});

test("given a last row that the predicate does not hold for, when it is searched from the end, then it goes on back", () => {
  const recording = openRecording(LOG);
  for (let icount = 1_000_000; icount < 9_000_000; icount += 1_000_000) recording.at(icount);
  const all = writes(recording, { of: "link:4" });
  const middle = all.toArray().find(({ icount }) => icount > 3_000_000)?.icount ?? 0;
  assert.is(all.pipe(where(({ icount }) => icount <= middle)).last()?.icount, middle);
  assert.is(all.pipe(where(() => false)).last(), undefined);
});

test.run();
