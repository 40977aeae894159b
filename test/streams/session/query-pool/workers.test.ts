/** A question that threads answer has the same rows in the same order, whatever becomes of the threads. */
import { fileURLToPath } from "node:url";
import { lastValueFrom, take, toArray } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import {
  calls,
  changes,
  csrs,
  devices,
  NotPlainError,
  output,
  reads,
  traps,
  visits,
  where,
  writes,
  type Job,
  type Pool,
  type Query,
} from "../../../../src/streams/past/query/index.js";
import { MAX_ATTEMPTS, MAX_FINDS_AHEAD } from "../../../../src/streams/past/query/pool/read-ahead.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { MAX_WORKERS, workers } from "../../../../src/streams/session/query-pool/workers.js";

const log = (name: string): string => fileURLToPath(new URL(`../../../../logs/${name}.fold`, import.meta.url));

test("given every kind of question, when two threads answer, then the rows are those of this one, in order", async () => {
  const pool = workers(2);
  for (const name of ["race-fails", "virtio", "session"]) {
    const recording = openRecording(log(name));
    const queries: readonly Query<unknown>[] = [
      writes(recording, { of: { address: 0x8000_2000, bytes: 0x2000 } }),
      reads(recording, { of: { address: 0x8000_2ed8, bytes: 12 } }),
      traps(recording),
      csrs(recording, { of: ["mepc", "mstatus"] }),
      devices(recording, { of: "uart16550" }),
      output(recording),
      output(recording, { of: /o/ }).pipe(where(({ icount }) => icount % 2 === 0)),
      visits(recording, { of: 0x8000_0000n }),
    ];
    for (const query of queries) assert.equal(await query.on(pool).toArray(), query.toArray());
  }
  const recording = openRecording(log("race-fails"));
  const query = calls(recording, { of: /uart/, from: 1_000_000, until: 9_000_000 });
  const rows = query.toArray();
  assert.ok(rows.length > 10, String(rows.length));
  assert.equal(await lastValueFrom(query.on(pool).pipe(toArray())), rows);
  assert.equal(await query.on(pool).first(), rows[0]);
  assert.equal(await query.on(pool).last(), rows.at(-1));
  pool.close();
});

test("given a reader that leaves, then the next question is answered by the same threads", async () => {
  const pool = workers(2);
  const recording = openRecording(log("race-fails"));
  const query = calls(recording, { of: /./ });
  const few = await lastValueFrom(query.on(pool).pipe(take(3), toArray()));
  assert.is(few.length, 3);
  for await (const row of query.on(pool)) {
    assert.equal(row, few[0]);
    break;
  }
  assert.equal(await traps(recording).on(pool).toArray(), traps(recording).toArray());
  pool.close();
});

/** A pool of which some jobs are lost, after so many batches. */
const losing = (pool: Pool, isLost: (attempt: number) => boolean): Pool & { attempts: number } => {
  const lossy = {
    width: pool.width,
    attempts: 0,
    async *run(job: Job): AsyncGenerator<readonly unknown[], void> {
      lossy.attempts += 1;
      const lost = isLost(lossy.attempts);
      for await (const finds of pool.run(job)) {
        yield finds;
        if (lost) throw Object.assign(new Error("lost"), { code: "WORKER_ENDED" });
      }
    },
  };
  return lossy;
};

test("given workers that are lost in the middle of a job, then others do it, and no row is there twice or missing", async () => {
  const pool = workers(2);
  const recording = openRecording(log("race-fails"));
  const query = writes(recording, { of: { address: 0x8000_2000, bytes: 0x2000 } });
  const lossy = losing(pool, (attempt) => attempt <= 2);
  assert.equal(await query.on(lossy).toArray(), query.toArray());
  const hopeless = losing(pool, () => true);
  try {
    await query.on(hopeless).toArray();
    assert.unreachable();
  } catch (fault) {
    assert.is((fault as Error).message, "lost");
  }
  assert.ok(hopeless.attempts >= MAX_ATTEMPTS, String(hopeless.attempts));
  pool.close();
});

test("given a reader that does not read, then a job goes no further than so many finds", async () => {
  let found = 0;
  const endless: Pool = {
    width: 1,
    async *run() {
      for (;;) {
        found += 1024;
        await Promise.resolve();
        yield new Array<unknown>(1024).fill({ pc: 0n });
      }
    },
  };
  const query = traps(openRecording(log("race-fails"))).on(endless);
  const iterator = query[Symbol.asyncIterator]();
  await iterator.next();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(found >= MAX_FINDS_AHEAD && found < 4 * MAX_FINDS_AHEAD, String(found));
  await iterator.return();
});

test("given a question with a function in it, or no threads, or too many, then it says so", async () => {
  const recording = openRecording(log("race-fails"));
  const pool = workers(1);
  try {
    await changes(recording, (moment) => moment.read("link:4"))
      .on(pool)
      .toArray();
    assert.unreachable();
  } catch (fault) {
    assert.instance(fault, NotPlainError);
  }
  for (const count of [0, MAX_WORKERS + 1]) assert.throws(() => workers(count), /a whole number, 1 to 64/);
  workers(MAX_WORKERS).close();
  pool.close();
});

test.run();
