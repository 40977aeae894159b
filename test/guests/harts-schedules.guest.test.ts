/**
 * The committed programs for several harts: those with one right answer give it in every schedule, the litmus tests
 * show all that is allowed and nothing else, and the known bugs show in some schedules only.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { openMachine } from "../../src/streams/session/machine-options.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { memorySink } from "../../src/streams/store/log/index.js";
import { HARTS_ELF, HARTS_MEMORY, HartsGuest, hartsAtReset, ONE_ANSWER, WITH_BUGS } from "../support/harts-guest.js";
import { freshSeed, seededRandom, type Random } from "../support/seeded-random.js";
import { recordTyped } from "../support/typed-recording.js";

const HARTS = [2, 4, 8] as const;
const seed = freshSeed();
const TIME_LIMIT_MS = 60_000;

/** Turns of 1 to `longestInsns`. */
function* shortTurns(random: Random, longestInsns: number): Generator<number> {
  for (let icount = 0; ;) yield (icount += 1 + random(longestInsns));
}

for (const harts of HARTS) {
  for (const program of ONE_ANSWER) {
    const board = `${program} and ${String(harts)} harts`;
    test(`given ${board}, when it is recorded, then its answer is right, and the replay gives it again`, async () => {
      const sink = memorySink();
      const options = {
        memory: HARTS_MEMORY,
        smp: harts,
        bios: "none",
        kernel: HARTS_ELF,
        append: program,
        seed: "harts",
      };
      const { console, machine } = await recordTyped(
        {
          seed: 1,
          timeLimitMs: TIME_LIMIT_MS,
          machine: options,
          steps: [],
          sequence: { sleep: false, checkpointInsns: 20_000 },
        },
        sink,
      );
      assert.match(console, new RegExp(`^${program}: ${String(harts)} harts, .*\nPASS\n$`));
      const replayed = openMachine(options).machine;
      await openRecording(sink.bytes())
        .replay$(replayed)
        .forEach(() => undefined);
      assert.is(replayed.ended?.code, 0);
      assert.is(replayed.hash(), machine.hash());
    });

    test(`given ${board}, when turns are short and random (seed ${String(seed)}), then its answer is the same`, () => {
      const guest = new HartsGuest(hartsAtReset(program, harts));
      const answer = guest.run().console;
      for (const longestInsns of [60, 2000]) {
        const { code, console } = guest.run(shortTurns(seededRandom(seed), longestInsns));
        assert.is(console, answer);
        assert.is(code, 0);
      }
    });
  }
}

/** Which outcomes came in a run, as bits: "sb: 2 harts, 00 0, 01 3, ...". */
const outcomesIn = (console: string): string[] =>
  [...console.matchAll(/\b([01]{2,4}) (\d+)/g)].flatMap(([, outcome = "", times]) => (times === "0" ? [] : [outcome]));

const all = (bits: number): string[] =>
  Array.from({ length: 2 ** bits }, (_, index) => index.toString(2).padStart(bits, "0"));

const LITMUS = [
  { program: "litmus-sb", harts: 2, bits: 2, forbidden: "00" },
  { program: "litmus-mp", harts: 2, bits: 2, forbidden: "10" },
  { program: "litmus-lb", harts: 2, bits: 2, forbidden: "11" },
  { program: "litmus-corr", harts: 2, bits: 2, forbidden: "10" },
  { program: "litmus-iriw", harts: 4, bits: 4, forbidden: "1010" },
] as const;
const MOST_LITMUS_RUNS = 60;

for (const { program, harts, bits, forbidden } of LITMUS)
  test(`given ${program}, when turns are short and random (seed ${String(seed)}), then every outcome but ${forbidden} comes`, () => {
    const random = seededRandom(seed);
    const guest = new HartsGuest(hartsAtReset(program, harts));
    const expected = all(bits).filter((outcome) => outcome !== forbidden);
    const seen = new Set<string>();
    for (let runs = 0; runs < MOST_LITMUS_RUNS && seen.size < expected.length; runs += 1) {
      const { code, console } = guest.run(shortTurns(random, 8 + random(24)));
      assert.is(code, 0, console);
      for (const outcome of outcomesIn(console)) seen.add(outcome);
    }
    assert.equal([...seen].sort(), expected);
  });

/** The runs in which the bug must show, and how often in each of them a turn ends early, at random. */
const RUNS = 100;
const TURN_ENDS = 4;

for (const program of WITH_BUGS) {
  for (const harts of HARTS)
    test(`given ${program} and ${String(harts)} harts, when nothing deviates from the schedule, then it passes`, () => {
      const { code, console } = new HartsGuest(hartsAtReset(program, harts)).run();
      assert.is(code, 0, console);
    });

  test(`given ${program}, when ${String(TURN_ENDS)} turns end early at random, then few of ${String(RUNS)} runs fail, each the same way again`, () => {
    const random = seededRandom(1);
    const guest = new HartsGuest(hartsAtReset(program, 2));
    const { icount } = guest.run();
    const failing = Array.from({ length: RUNS }, () => Array.from({ length: TURN_ENDS }, () => 1 + random(icount)))
      .map((ends) => [...new Set(ends)].sort((a, b) => a - b))
      .filter((ends) => guest.run(ends.values()).code === 1);
    assert.ok(failing.length >= 2 && failing.length <= RUNS / 2, `${String(failing.length)} of ${String(RUNS)}`);
    const again = failing.slice(0, 3).map((ends) => [guest.run(ends.values()), guest.run(ends.values())]);
    for (const [first, second] of again) {
      assert.match(first?.console ?? "", /\nFAIL\n$/);
      assert.equal(first, second);
    }
  });
}

/** Seeds are given, so each run is always the same. */
const DEPTHS = { "lost-update": 2, depth2: 2, depth3: 3 } as const;

for (const program of WITH_BUGS) {
  for (const strategy of ["random", "pct"] as const)
    test(`given ${program}, when chaos (${strategy}) has up to ${String(RUNS)} seeds, then a run fails, and its replay does`, async () => {
      const machine = { memory: HARTS_MEMORY, smp: 2, bios: "none", kernel: HARTS_ELF, append: program, seed: "harts" };
      for (let seed = 0; seed < RUNS; seed += 1) {
        const sink = memorySink();
        const bound = strategy === "pct" ? { depth: DEPTHS[program], insns: 40_000 } : {};
        const chaos = { seed: String(seed), strategy, ...bound };
        const recorded = await recordTyped(
          { seed: 1, timeLimitMs: TIME_LIMIT_MS, machine, steps: [], sequence: { sleep: false, chaos } },
          sink,
        );
        if (recorded.machine.ended?.code === 0) continue;
        const replayed = openMachine(machine).machine;
        await openRecording(sink.bytes())
          .replay$(replayed)
          .forEach(() => undefined);
        assert.is(replayed.ended?.code, 1);
        assert.is(replayed.hash(), recorded.machine.hash());
        return;
      }
      assert.unreachable("no run failed");
    });
}

test("given depth3, when one turn ends early, wherever that is, then it passes", () => {
  const guest = new HartsGuest(hartsAtReset("depth3", 2));
  const { icount } = guest.run();
  for (let end = 1; end < icount; end += 97)
    assert.is(guest.run([end].values()).code, 0, `a turn ends at ${String(end)}`);
});

test.run();
