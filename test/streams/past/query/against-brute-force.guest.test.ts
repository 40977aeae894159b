/** Queries find what brute force finds: forwards, back, in parts, on threads, and whatever states are kept. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { workers } from "../../../../src/streams/session/query-pool/workers.js";
import { goldenSubject, somePart, subjectsWithTwoHarts } from "../../../support/oracle/subjects.js";
import { compareWindow } from "../../../support/oracle/window.js";
import { freshSeed, seededRandom } from "../../../support/seeded-random.js";

const seed = freshSeed();
console.log(`    queries: FOLDVM_SEED=${String(seed)}`);
const random = seededRandom(seed);

const WINDOWS = Number(process.env["FOLDVM_WINDOWS"] ?? 2);
const QUERIES = Number(process.env["FOLDVM_QUERIES"] ?? 12);
const LONGEST_INSNS = 1500;

const subjects = [
  ...["session", "race-fails", "virtio", "clock"].map(goldenSubject),
  ...(await subjectsWithTwoHarts()),
];

for (const subject of subjects) {
  test(`given windows of ${subject.name}, when random questions are asked, then the rows are those of brute force`, async () => {
    const pools = [workers(1 + random(2))];
    let rowCount = 0;
    for (let index = 0; index < WINDOWS; index += 1) {
      const part = somePart(subject, LONGEST_INSNS, random);
      rowCount += await compareWindow({ subject, ...part, questions: QUERIES, pools, seed }, random, () => undefined);
    }
    for (const pool of pools) pool.close();
    assert.ok(rowCount > WINDOWS, `only ${String(rowCount)} rows were compared`);
  });
}

test.run();
