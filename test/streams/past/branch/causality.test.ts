/** Causality: how many futures fail, by where they begin. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { causality, workers, type CausalityRow } from "../../../../src/index.js";
import { MAX_FUTURES, MAX_POSITIONS } from "../../../../src/streams/past/branch/causality.js";
import { golden } from "../../../support/branches.js";

test("given a failing run / when futures begin ever later / then it becomes inevitable after the byte was lost", async () => {
  const failing = golden("race-fails");
  const told: CausalityRow[] = [];
  const { rows, inevitableFrom, isWhole } = await causality(failing, {
    ...{ fails: "delivered, then nothing", positions: 6, runs: 6, chaos: { seed: "test" } },
    found: (row) => told.push(row),
  });
  assert.ok(isWhole);
  assert.equal(rows, told);
  assert.is(rows.length, 6);
  assert.ok(rows.every(({ runs, failed, rate }) => runs === 6 && rate === failed / 6));
  assert.ok(rows.every(({ icount }, index) => index === 0 || icount > (rows[index - 1]?.icount ?? 0)));
  assert.ok((rows[0]?.rate ?? 1) < 1);
  assert.is(rows.at(-1)?.rate, 1);
  const lost = [...failing.eventsFrom()].findLast(({ type }) => type === "uart16550/byteReceived");
  assert.ok((inevitableFrom?.icount ?? 0) >= 5_600_000, "the eleventh letter comes at 5,400,000 at the earliest");
  assert.ok((inevitableFrom?.icount ?? 0) <= (lost?.icount ?? 0) + 2_100_000);
});

test("given the same seed / when it is asked twice / then the answers are equal", async () => {
  const options = { fails: 1, positions: 3, runs: 3, chaos: { seed: "same" } };
  const [one, other] = [
    await causality(golden("race-passes"), options),
    await causality(golden("race-passes"), options),
  ];
  assert.equal(one, other);
});

test("given two threads / when they run the futures / then the places are those of this one, and each future is told", async () => {
  const options = { fails: /delivered, then nothing/, positions: 6, runs: 6, chaos: { seed: "test" } };
  const pool = workers(2);
  const told: number[] = [];
  try {
    const here = await causality(golden("race-fails"), options);
    const there = await causality(golden("race-fails"), {
      ...{ ...options, on: pool },
      tried: ({ tried, futures }) => told.push(tried === 0 ? 0 : tried / futures),
    });
    assert.equal(there, here);
    assert.ok(here.rows.some(({ failed }) => failed < 6) && here.rows.some(({ failed }) => failed === 6));
    assert.is(told.at(-1), 1);
    assert.is(told.filter((share) => share > 0).length, 36);
    const refused = causality(golden("race-fails"), { ...options, on: pool, fails: () => true });
    assert.match(await refused.then(String, String), "fails is a function");
  } finally {
    pool.close();
  }
});

test("given a signal while threads run futures / when it comes / then it ends at once, with the places so far", async () => {
  const pool = workers(2);
  const stop = new AbortController();
  try {
    const { rows, isWhole } = await causality(golden("race-fails"), {
      ...{ positions: 2, runs: 100_000, signal: stop.signal, on: pool },
      tried: ({ tried }) => {
        if (tried === 3) stop.abort();
      },
    });
    assert.equal([rows, isWhole], [[], false]);
  } finally {
    pool.close();
  }
});

test("given what was printed before the place / when it is the failure / then all futures from there on have failed", async () => {
  const { rows, inevitableFrom } = await causality(golden("race-fails"), {
    ...{ fails: "send the letters", positions: 2, runs: 2, from: 3_000_000 },
  });
  assert.equal(
    rows.map(({ rate }) => rate),
    [1, 1],
  );
  assert.equal(inevitableFrom, rows[0]);
});

test("given a signal / when it comes / then the places so far are there", async () => {
  const stop = new AbortController();
  const { rows, isWhole } = await causality(golden("race-fails"), {
    ...{ positions: 5, runs: 2, signal: stop.signal },
    found: () => {
      stop.abort();
    },
  });
  assert.not.ok(isWhole);
  assert.is(rows.length, 1);
});

test("given more than can be asked / when it is asked / then it is refused by name", async () => {
  const refusal = (options: object): Promise<string> => causality(golden("clock"), options).then(String, String);
  assert.match(await refusal({ positions: MAX_POSITIONS + 1 }), "positions");
  assert.match(await refusal({ runs: MAX_FUTURES + 1 }), "runs");
  assert.match(await refusal({ chaos: { strategy: "pct", depth: 65 } }), "depth");
});

test.run();
