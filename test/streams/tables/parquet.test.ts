// Rows as Parquet, read back by another package: every value, every type, whatever the size of a group.
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { jsonRow } from "../../../src/streams/past/query/ndjson.js";
import { COLUMNS, toParquet, type Columns } from "../../../src/streams/tables/index.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { QUESTIONS } from "../../../src/streams/session/questions.js";

const pieces = async (made: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> => {
  const all: Uint8Array[] = [];
  for await (const piece of made) all.push(piece);
  return all;
};
const fileOf = async (made: AsyncIterable<Uint8Array>): Promise<ArrayBuffer> =>
  new Uint8Array(Buffer.concat(await pieces(made))).buffer;
const read = (file: ArrayBuffer): Promise<Record<string, unknown>[]> =>
  parquetReadObjects({ file }).then((rows) => rows.map(withNulls));

/** What is not there is read as either. */
const withNulls = (row: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? null]));

const EVERY = {
  ...{ small: "int32", safe: "safe", signed: "int64", unsigned: "uint64" },
  ...{ list: "uint64[]", text: "text", flag: "flag", any: "json" },
} as const satisfies Columns;

test("given a row of the largest values, one of the smallest, and one of nothing, then they are read back as they were", async () => {
  const rows = [
    {
      ...{ small: 2 ** 31 - 1, safe: Number.MAX_SAFE_INTEGER, signed: 2n ** 63n - 1n, unsigned: 2n ** 64n - 1n },
      ...{ list: [2n ** 64n - 1n, 0n, 7], text: "ü\n", flag: true, any: { of: [1, "x"] } },
    },
    { small: -(2 ** 31), safe: -5, signed: -(2n ** 63n), unsigned: 0, list: [], text: "", flag: false, any: "x" },
    { small: undefined },
  ];
  const asRead = (whole: number | bigint): bigint => BigInt(whole);
  assert.equal(
    await read(await fileOf(toParquet(rows, { columns: EVERY }))),
    [
      { ...rows[0], safe: asRead(Number.MAX_SAFE_INTEGER), list: [2n ** 64n - 1n, 0n, 7n] },
      { ...rows[1], safe: -5n, unsigned: 0n },
      Object.fromEntries(Object.keys(EVERY).map((name) => [name, undefined])),
    ].map(withNulls),
  );
});

/** As a Linux guest's are: the demo has none. */
const HART = { seq: 3, icount: 5, ns: 5n, hart: 0, pc: 2n ** 64n - 4096n, function: "f", line: undefined };
const OF_LINUX: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> = {
  switches: [
    { ...HART, pid: 1, tgid: 1, comm: "init", previous: { pid: 0, tgid: 0, comm: "swapper" } },
    { ...HART, pid: 7, tgid: 6, comm: "sh", previous: { pid: 1, tgid: 1, comm: "init" } },
  ],
  syscalls: [
    {
      ...HART,
      ...{ number: 64, name: "write", args: [1n, 2n ** 63n], pid: 1, tgid: 1, comm: "init" },
      returned: undefined,
    },
  ],
};

for (const [word, question] of Object.entries(QUESTIONS)) {
  test(`given the rows of ${word}, then each member has its column, and the file has what the rows have`, async () => {
    const { columns, of } = question;
    const recording = openRecording("logs/race-fails.fold");
    const about = !of.isNeeded ? undefined : word === "calls" ? "/^uart_/" : word === "visits" ? "uart_put" : "link:64";
    const asked = question.ask(recording, about, { until: 9_000_000 });
    const rows: readonly Readonly<Record<string, unknown>>[] = OF_LINUX[word] ?? asked.rows.toArray().slice(0, 500);
    assert.ok(rows.length > 0);
    for (const row of rows)
      assert.equal(
        Object.keys(row).filter((name) => !(name in columns)),
        [],
      );
    const inGroups = await pieces(toParquet(rows, { columns, rowsAGroup: 100 }));
    assert.is(inGroups.length, Math.ceil(rows.length / 100) + 1, "a piece a group, and the end");
    const back = await read(new Uint8Array(Buffer.concat(inGroups)).buffer);
    const expected = rows.map((row) =>
      Object.fromEntries(
        Object.entries(columns).map(([name, type]) => {
          const given = type === "json" ? asJson(row[name]) : (row[name] ?? null);
          return [name, typeof given === "number" && type !== "int32" ? BigInt(given) : given];
        }),
      ),
    );
    assert.equal(back, expected);
    recording.close();
  });
}

/** What the reader makes of a column of JSON. */
const asJson = (given: unknown): unknown => (given === undefined ? null : (JSON.parse(jsonRow(given)) as unknown));

test("given no rows, then there is a file with its columns", async () => {
  const file = await fileOf(toParquet([], { columns: COLUMNS.traps }));
  const { num_rows: count, schema } = parquetMetadata(file);
  assert.is(count, 0n);
  const names = schema.map(({ name }) => name);
  for (const name of Object.keys(COLUMNS.traps)) assert.ok(names.includes(name));
});

test("given rows that come by and by, then no more than a group of them is held", async () => {
  let asked = 0;
  function* endless(): Generator<object> {
    for (;;) yield { safe: (asked += 1) };
  }
  for await (const _ of toParquet(endless(), { columns: { safe: "safe" }, rowsAGroup: 10 })) {
    assert.is(asked % 10, 0);
    if (asked === 50) break;
  }
  assert.is(asked, 50);
});

for (const [what, row, says] of [
  ["one beyond 32 bits", { small: 2 ** 31 }, /toParquet: small 2147483648: /],
  ["one beyond 64 bits", { unsigned: 2n ** 64n }, /toParquet: unsigned/],
  ["a negative one", { unsigned: -1 }, /toParquet: unsigned -1: /],
  ["a text for a number", { safe: "5" }, /toParquet: safe "5"/],
  ["a list with a text in it", { list: [1, "x"] }, /toParquet: list/],
] as const) {
  test(`given ${what}, then the column and the value are named`, async () => {
    const made = fileOf(toParquet([row], { columns: EVERY }));
    await made.then(
      () => assert.unreachable(),
      (fault: unknown) => assert.match(String(fault), says),
    );
  });
}

for (const [what, columns] of [
  ["no columns", {}],
  ["a type that there is not", { x: "int8" }],
] as const) {
  test(`given ${what}, then that is refused`, async () => {
    const made = Promise.resolve().then(() => fileOf(toParquet([], { columns: columns as unknown as Columns })));
    await made.then(
      () => assert.unreachable(),
      (fault: unknown) => assert.match(String(fault), /toParquet: columns/),
    );
  });
}

test.run();
