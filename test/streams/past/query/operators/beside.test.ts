/** What rows have before and behind them is what a search through all of them finds. */
import { fileURLToPath } from "node:url";
import { lastValueFrom, toArray } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_ROWS_BESIDE } from "../../../../../src/streams/past/query/operators/beside.js";
import {
  calls,
  followedBy,
  notFollowedBy,
  notPrecededBy,
  precededBy,
  select,
  traps,
  visits,
  where,
  writes,
  type BesideOptions,
  type Query,
  type RowOfHart,
} from "../../../../../src/streams/past/query/index.js";
import { openRecording } from "../../../../../src/streams/session/open-recording.js";
import { workers } from "../../../../../src/streams/session/query-pool/workers.js";
import { freshSeed, oneOf, seededRandom } from "../../../../support/seeded-random.js";

const seed = freshSeed();
console.log(`    beside: FOLDVM_SEED=${String(seed)}`);
const random = seededRandom(seed);

const open = (name = "race-fails"): ReturnType<typeof openRecording> =>
  openRecording(fileURLToPath(new URL(`../../../../../logs/${name}.fold`, import.meta.url)));
const UNTIL = 1_000_000;
/** In a loop: as often as a test wants it. */
const BUSY = "crc32+24";

type Row = Omit<RowOfHart, "pc"> & { readonly pc: bigint | undefined };
type Options = BesideOptions<Row, Row>;

const isBefore = (a: Row, b: Row): boolean => a.icount < b.icount || (a.icount === b.icount && a.seq < b.seq);

function isPair(row: Row, other: Row, { withinInsns = Infinity, withinNs, by }: Options): boolean {
  const [insns, ns] = [Math.abs(row.icount - other.icount), row.ns - other.ns];
  const isNear = insns <= withinInsns && (withinNs === undefined || (ns < 0n ? -ns : ns) <= BigInt(withinNs));
  return isNear && (by === undefined || by(row) === by(other));
}

const precedingOf = (row: Row, others: readonly Row[], options: Options): Row | undefined =>
  others.filter((other) => isBefore(other, row) && isPair(row, other, options)).at(-1);
const followingOf = (row: Row, others: readonly Row[], options: Options): Row | undefined =>
  others.find((other) => isBefore(row, other) && isPair(row, other, options));

const BY: readonly Options["by"][] = [undefined, (row) => row.function, ({ icount }) => icount % 3, ({ hart }) => hart];

test("given pairs of questions, when each is asked for what is before or behind its rows, then it is what a search finds", () => {
  const recording = open();
  const asked: readonly Query<Row>[] = [
    calls(recording, { of: "uart_put", until: UNTIL }).pipe(select((row) => row as Row)),
    calls(recording, { of: /^link_/, until: UNTIL }).pipe(where(({ icount }) => icount % 2 === 0)) as Query<Row>,
    writes(recording, { of: "link", until: UNTIL }),
    traps(recording, { until: UNTIL }),
  ];
  const rowsOf = new Map(asked.map((query) => [query, query.toArray()]));
  for (let round = 0; round < 16; round += 1) {
    const [query, other] = [oneOf(random, asked), oneOf(random, asked)];
    const [rows, others] = [rowsOf.get(query) ?? [], rowsOf.get(other) ?? []];
    const options: Options = {
      withinInsns: oneOf(random, [undefined, 1 + random(100), 1 + random(50_000)]),
      withinNs: oneOf(random, [undefined, undefined, 1 + random(50_000), BigInt(1 + random(50_000))]),
      by: oneOf(random, BY),
    };
    const says = `FOLDVM_SEED=${String(seed)}, round ${String(round)}`;
    const [before, behind] = [
      rows.map((row) => ({ ...row, preceding: precedingOf(row, others, options) })),
      rows.map((row) => ({ ...row, following: followingOf(row, others, options) })),
    ];
    const preceded = before.filter(({ preceding }) => preceding !== undefined);
    const followed = behind.filter(({ following }) => following !== undefined);
    assert.equal(query.pipe(precededBy(other, options)).toArray(), preceded, says);
    assert.equal(query.pipe(followedBy(other, options)).toArray(), followed, says);
    assert.equal(
      query.pipe(notPrecededBy(other, options)).toArray(),
      rows.filter((_, index) => before[index]?.preceding === undefined),
      says,
    );
    assert.equal(
      query.pipe(notFollowedBy(other, options)).toArray(),
      rows.filter((_, index) => behind[index]?.following === undefined),
      says,
    );
    assert.equal(query.pipe(precededBy(other, options)).first(), preceded[0], says);
    assert.equal(query.pipe(followedBy(other, options)).last(), followed.at(-1), says);
  }
});

test("given rows with those before them, when operators follow, or threads answer, then each way of reading shows the same", async () => {
  const recording = open();
  const stores = writes(recording, { of: "link.count", until: UNTIL });
  const receives = calls(recording, { of: "link_receive", until: UNTIL });
  const query = stores.pipe(
    precededBy(receives, { withinInsns: 200 }),
    followedBy(calls(recording, { of: "link_read" })),
    where(({ function: name }) => name === "link_receive"),
    select(({ icount, preceding, following }) => [icount - preceding.icount, following.icount - icount]),
  );
  const rows = query.toArray();
  assert.ok(rows.length > 1 && rows.every(([insns = 0]) => insns > 0 && insns <= 200), JSON.stringify(rows));
  assert.equal(await lastValueFrom(query.pipe(toArray())), rows);
  assert.equal([query.first(), query.last()], [rows[0], rows.at(-1)]);
  const pool = workers(2);
  assert.equal(await query.on(pool).toArray(), rows);
  pool.close();
  const costs = [stores, receives, calls(recording, { of: "link_read" })].map((one) => one.explain().instructions);
  assert.is(
    query.explain().instructions,
    costs.reduce((sum, one) => sum + one, 0),
  );
});

test("given a question about another recording, then it is refused", () => {
  const [one, other] = [open(), open("session")];
  assert.throws(() => traps(one).pipe(precededBy(traps(other))), /precededBy: other is about another recording/);
});

for (const [name, operator] of [
  ["before", notPrecededBy],
  ["behind", notFollowedBy],
] as const) {
  test(`given as many rows ${name} to remember as there may be, and one more, then it says so`, () => {
    const recording = open();
    const places = visits(recording, { of: BUSY, until: 3_000_000 })
      .toArray()
      .slice(0, MAX_ROWS_BESIDE + 2);
    const askedFor = (count: number, options: Options = {}): number => {
      const [first, last] = [places[0]?.icount ?? 0, places[count]?.icount ?? 0];
      // One row, from which all are on the same side, and each of a kind of its own.
      const at = name === "before" ? { from: last, until: last + 1 } : { from: first - 1, until: first };
      const row = visits(recording, { of: recording.at(at.from).harts[0]?.fields.pc ?? 0n, ...at });
      const others = visits(recording, { of: BUSY, until: last });
      return row.pipe(operator(others, { by: ({ icount }) => icount, ...options })).toArray().length;
    };
    assert.is(askedFor(MAX_ROWS_BESIDE), 1);
    assert.throws(() => askedFor(MAX_ROWS_BESIDE + 1), /more than 65536 rows of the other question.*withinInsns/);
    assert.is(askedFor(MAX_ROWS_BESIDE + 1, { withinInsns: 1000 }), 1);
  });
}

test.run();
