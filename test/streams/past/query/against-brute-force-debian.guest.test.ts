// Queries find what brute force finds, in the beginning of a boot of Debian and in the middle of it.
// test-time-limit-seconds: 600
import { test } from "uvu";
import * as assert from "uvu/assert";

import { workers } from "../../../../src/streams/session/query-pool/workers.js";
import { requiresDebian } from "../../../support/debian.js";
import { debianSubject, somePart } from "../../../support/oracle/subjects.js";
import { compareWindow } from "../../../support/oracle/window.js";
import { freshSeed, seededRandom } from "../../../support/seeded-random.js";
import { withTemporaryFolder } from "../../../support/temporary-folder.js";

const NAME = "queries of a boot of Debian are those of brute force";
const seed = freshSeed();
console.log(`    queries: FOLDVM_SEED=${String(seed)}`);
const random = seededRandom(seed);

const WINDOWS = Number(process.env["FOLDVM_WINDOWS"] ?? 4);
const QUERIES = Number(process.env["FOLDVM_QUERIES"] ?? 20);
const LONGEST_INSNS = 4000;
const BEGINNING_INSNS = 20_000_000;
const BOOT_INSNS = 300_000_000;

const images = await requiresDebian(NAME);
if (images !== undefined) {
  test("given windows of a boot, when random questions are asked, then the rows are those of brute force", () =>
    withTemporaryFolder(async (folder) => {
      const subject = await debianSubject(images, folder, BOOT_INSNS);
      const pools = [workers(1 + random(2))];
      let rowCount = 0;
      for (let index = 0; index < WINDOWS; index += 1) {
        const untilIcount = index % 2 === 0 ? BEGINNING_INSNS : BOOT_INSNS;
        const part = somePart(subject, LONGEST_INSNS, random, untilIcount);
        rowCount += await compareWindow({ subject, ...part, questions: QUERIES, pools, seed }, random, () => undefined);
      }
      for (const pool of pools) pool.close();
      assert.ok(rowCount > WINDOWS, `only ${String(rowCount)} rows were compared`);
    }));
}

test.run();
