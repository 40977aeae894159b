/** A query is read in any way, as often as one likes, and changes nothing. */
import { fileURLToPath } from "node:url";
import { lastValueFrom, take, toArray } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_UNREAD_ROWS } from "../../../../src/streams/past/query/probed-replay.js";
import { calls, output, traps, visits, writes } from "../../../../src/streams/past/query/index.js";
import { type Recording } from "../../../../src/streams/past/recording.js";
import type { Until } from "../../../../src/streams/past/until.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { withBriefTurns } from "../../../support/brief-turns.js";

const LOG = fileURLToPath(new URL("../../../../logs/race-fails.fold", import.meta.url));

const pulledFrom = async <T>(rows: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const row of rows) all.push(row);
  return all;
};

test("given a query, when it is pushed, pulled and asked at once, twice, then the rows are the same each time", async () => {
  const query = calls(openRecording(LOG), { of: /uart/, until: 200_000 });
  const rows = query.toArray();
  assert.ok(rows.length > 50, String(rows.length));
  assert.equal(await lastValueFrom(query.pipe(toArray())), rows);
  assert.equal(await pulledFrom(query), rows);
  assert.equal(query.toArray(), rows);
  assert.equal(query.first(), rows[0]);
  assert.equal(query.last(), rows.at(-1));
});

test("given a line without code, then the error has the nearest ones; of a file that no image tells of, that", () => {
  const recording = openRecording(LOG);
  const faultOf = (of: string): string => {
    try {
      visits(recording, { of }).first();
      return "";
    } catch (fault) {
      return (fault as Error).message;
    }
  };
  assert.is(faultOf("link.c:57"), "line 57 of link.c has no instruction; nearest with some: 35");
  assert.is(faultOf("nolink.c:3"), "no image tells of lines of a file nolink.c: compile it with -g");
});

test("given a reader that takes a few rows, then the replay goes no further than it must", async () => {
  const recording = openRecording(LOG);
  const ends = endsOf(recording);
  const few = await lastValueFrom(calls(recording, { of: /./ }).pipe(take(3), toArray()));
  assert.is(few.length, 3);
  for await (const row of calls(recording, { of: /./ })) {
    assert.equal(row, few[0]);
    break;
  }
  assert.is(ends.length, 2);
  for (const icount of ends) assert.ok(icount < 3_000_000, String(icount));
});

/** Where the machines were that it opened from now on, when they were over. */
function endsOf(recording: Recording): readonly number[] {
  const ends: number[] = [];
  const open = recording.openMachine.bind(recording);
  recording.openMachine = (build, from) => {
    const machine = open(build, from);
    const release = machine.release.bind(machine);
    machine.release = () => {
      ends.push(machine.position.icount);
      release();
    };
    return machine;
  };
  return ends;
}

/** Two or three looks are a turn. */
const LOOK_MS = 20;

test("given questions at once, when their readers leave, then the machines of all are over", async () => {
  const recording = openRecording(LOG);
  const ends = endsOf(recording);
  const open = (): { unsubscribe(): void } => visits(recording, { of: "main" }).subscribe(() => undefined);
  // Else a quick machine answers the first before the next is asked.
  await withBriefTurns(() => {
    const atOnce = [open(), open(), open()];
    assert.equal(ends, []);
    for (const subscription of atOnce) subscription.unsubscribe();
    assert.is(ends.length, atOnce.length);
  }, LOOK_MS);
});

test("given more rows than may wait, when they are read, then none is lost", () => {
  const recording = openRecording(LOG);
  const places = [...recording.symbols()].filter(({ name }) => name === "crc32").map(({ address }) => address);
  const loop = Array.from({ length: 40 }, (_, index) => (places[0] ?? 0n) + BigInt(2 * index));
  // The loop is at work from early on: a few thousand of its rounds are enough.
  const found = visits(recording, { of: loop, until: 50_000 }).toArray();
  assert.ok(found.length > 3 * MAX_UNREAD_ROWS, String(found.length));
  const icounts = found.map(({ icount }) => icount);
  assert.equal(
    icounts,
    [...new Set(icounts)].sort((a, b) => a - b),
  );
});

test("given every kind of question, when it is asked, then the recording's states and end are what they were", () => {
  const [asked, unasked] = [openRecording(LOG), openRecording(LOG)];
  const all = [
    writes(asked, { of: "console_idles" }),
    traps(asked),
    calls(asked, { of: /console/ }),
    output(asked),
    visits(asked, { of: "main" }),
  ];
  for (const query of all) assert.ok(query.toArray().length > 0);
  for (const icount of [0, 1_000_000, 3_000_000]) assert.equal(asked.at(icount), unasked.at(icount));
  assert.equal(asked.at(), unasked.at());
});

test("given code, which is never written, when its last write is asked for, then nearly nothing is run", () => {
  const recording = openRecording(LOG);
  for (let icount = 100_000; icount < 3_100_000; icount += 100_000) recording.at(icount);
  const query = writes(recording, { of: "main" });
  const { segments, skipped, instructions, estimatedMs } = query.explain();
  assert.ok(skipped > segments - 3, `${String(skipped)} of ${String(segments)}`);
  assert.is(estimatedMs, (1000 * instructions) / recording.speed.insnsASecond);
  assert.is(query.last(), undefined);
  assert.equal(query.toArray(), []);
});

test("given a part that ends before it begins, then the question is refused, and names both places", () => {
  const recording = openRecording(LOG);
  const refused = (from: Until, until: Until, says: RegExp): void => {
    assert.throws(() => traps(recording, { from, until }), says);
  };
  refused(500, 300, /traps: from 500 lies behind until 300/);
  refused({ seq: 5 }, { seq: 4 }, /traps: from seq 5 lies behind until seq 4/);
  refused({ seq: 5 }, 300, /traps: from seq 5 lies behind until 300/);
  refused(12_000_000, { seq: 5 }, /traps: from 12000000 lies behind until seq 5/);
  assert.equal(traps(recording, { from: 500, until: 500 }).toArray(), []);
  assert.ok(traps(recording, { from: { seq: 5 }, until: { seq: 9 } }).first());
});

test("given a part that ends behind the recording, then the question is refused before any row is wanted", () => {
  const recording = openRecording(LOG);
  const { instructions } = recording.info;
  assert.ok(traps(recording, { until: instructions }).first());
  for (const range of [{ until: instructions + 1 }, { from: instructions + 1 }, { until: { seq: 10_000 } }])
    assert.throws(() => traps(recording, range), /the recording ends (at icount|with seq) \d+; there is no/);
});

test("given what is no operator, when a query is piped, then it is refused in words", () => {
  const query = traps(openRecording(LOG));
  for (const operator of [null, undefined, 5, "x", {}])
    assert.throws(
      () => query.pipe(operator as never),
      /^pipe: operators\.0 .*: expected an operator, of queries or of rxjs/,
    );
});

test.run();
