/** Whoever goes on behind any row of any questions gets each row behind it once, in order. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { jsonRow } from "../../../src/streams/past/query/ndjson.js";
import type { Recording } from "../../../src/streams/past/recording.js";
import type { Until } from "../../../src/streams/past/until.js";
import { askedOf, askedQuestions, askedRows, MAX_QUESTIONS_A_STREAM } from "../../../src/streams/server/asked-rows.js";
import { cursorGiven, numbered } from "../../../src/streams/server/cursor.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { QUESTIONS } from "../../../src/streams/session/questions.js";
import { freshSeed } from "../../support/seeded-random.js";

/** What each question is asked of; a guest without Linux has no switches of tasks. */
const DEMO: Readonly<Record<keyof typeof QUESTIONS, string | undefined>> = {
  writes: "writes link",
  reads: "reads link.count",
  visits: "visits link_read",
  calls: "calls /^(link|uart)_/",
  traps: "traps",
  csrs: "csrs",
  devices: "devices plic,clint",
  changes: "changes link.count",
  output: "output",
  switches: undefined,
  syscalls: "syscalls",
  signals: "signals",
  printed: "printed",
};
const DEMO_WORDS = ["inputs", "predicted", ...Object.values(DEMO).filter((of) => of !== undefined)];

async function told(recording: Recording, of: readonly string[], from: Until | undefined, lastId?: string) {
  const after = cursorGiven(lastId);
  const [choice, range] = [askedOf(of), { from, until: undefined, after }];
  const questions = askedQuestions(recording, choice, range, { watched: (query) => query });
  const found: string[] = [];
  for await (const { id, row } of numbered(askedRows(recording, choice, range, questions), after))
    found.push(`${String(id)} ${jsonRow(row)}`);
  return found;
}

const idOf = (line: string): string => line.slice(0, line.indexOf(" "));

/** Positions in a whole, as parts of it. */
const CUTS = fc.array(fc.double({ min: 0, max: 0.999999, noNaN: true }), { minLength: 2, maxLength: 2 });

async function holds(recording: Recording, of: readonly string[], from: Until | undefined, cuts: readonly number[]) {
  const whole = await told(recording, of, from);
  assert.is(new Set(whole.map(idOf)).size, whole.length, "ids are told apart");
  for (const cut of whole.length === 0 ? [] : cuts) {
    const at = Math.floor(cut * whole.length);
    const lastId = idOf(whole[at] ?? "");
    const rest = await told(recording, of, from, lastId);
    const expected = whole.slice(at + 1);
    if (JSON.stringify(rest) === JSON.stringify(expected)) continue;
    const parts = rest.findIndex((line, index) => line !== expected[index]);
    assert.unreachable(
      `${of.join()} from ${JSON.stringify(from)} behind ${lastId}: ${String(rest.length)} rows in place of ` +
        `${String(expected.length)}\n${String(rest[parts])}\n${String(expected[parts])}`,
    );
  }
}

test("given the questions, when one is new, then this test asks it too", () => {
  assert.equal(Object.keys(DEMO).sort(), Object.keys(QUESTIONS).sort());
});

for (const [path, words] of [
  ["logs/race-fails.fold", DEMO_WORDS],
  // Its consoles print because of events.
  ["logs/virtio.fold", ["predicted", "visits main", "calls /./", "traps", "devices", "output", "signals", "printed"]],
] as const)
  test(`given ${path}, when any question is gone on with behind any row, then each other row comes once`, async () => {
    const recording = openRecording(path, { index: false });
    for (const of of words)
      await fc.assert(
        fc.asyncProperty(CUTS, async (cuts) => {
          await holds(recording, [of], undefined, cuts);
        }),
        { seed: freshSeed(), numRuns: 1, includeErrorInReport: true },
      );
    recording.close();
  });

test("given mixtures of questions and places to begin, when they are gone on with, then each other row comes once", async () => {
  const recording = openRecording("logs/race-fails.fold", { index: false });
  const { lastSeq, lastIcount } = recording.log;
  const from = fc.option(
    fc.oneof(
      fc.nat(lastIcount - 1),
      fc.record({ seq: fc.nat(lastSeq) }),
      fc.nat(lastIcount - 1).map((icount) => ({ icount })),
    ),
    { nil: undefined },
  );
  const of = fc.subarray(DEMO_WORDS, { minLength: 2, maxLength: MAX_QUESTIONS_A_STREAM });
  await fc.assert(
    fc.asyncProperty(of, from, CUTS, async (asked, begins, cuts) => {
      await holds(recording, asked, begins, cuts);
    }),
    { seed: freshSeed(), numRuns: 8, includeErrorInReport: true },
  );
  recording.close();
});

test.run();
