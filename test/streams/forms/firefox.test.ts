/** A profile for Firefox Profiler: what its own types ask for is there, and its stacks are those of the moments. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { firefoxQuestion, toFirefoxProfile, type FormRows } from "../../../src/streams/forms/index.js";
import { MAX_THREAD_MARKERS, ThreadTables } from "../../../src/streams/forms/firefox/thread-tables.js";
import { at, output } from "../../../src/streams/past/query/index.js";
import { rows } from "../../../src/streams/rows/index.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";

type Column = readonly (number | string | boolean | object | null)[];
type Table = Readonly<Record<string, Column>> & { readonly length: number };
interface Thread extends Readonly<Record<string, unknown>> {
  readonly name: string;
  readonly [table: `${string}Table`]: Table;
  readonly samples: Table;
  readonly markers: Table;
}
interface Profile {
  readonly meta: Readonly<Record<string, unknown>> & {
    readonly categories: readonly { readonly name: string; readonly color: string }[];
  };
  readonly threads: readonly Thread[];
  readonly shared: { readonly stringArray: readonly string[] };
}

/**
 * The columns of version 56: src/types/profile.ts of firefox-devtools/profiler and docs-developer/CHANGELOG-formats.md.
 * What a column's numbers are indexes of, or what its values are; `?`: or null.
 */
const TABLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  samples: { stack: "stackTable?", time: "ms" },
  markers: { data: "object?", name: "string", startTime: "ms?", endTime: "ms?", phase: "phase", category: "category" },
  stackTable: { frame: "frameTable", prefix: "earlier?" },
  frameTable: {
    ...{ address: "address", inlineDepth: "number", category: "category?", subcategory: "number?", func: "funcTable" },
    ...{ nativeSymbol: "number?", innerWindowID: "number?", line: "number?", column: "number?" },
  },
  funcTable: {
    ...{ name: "string", isJS: "boolean", relevantForJS: "boolean", resource: "resource", fileName: "string?" },
    ...{ lineNumber: "number?", columnNumber: "number?" },
  },
  resourceTable: { lib: "number?", name: "string", host: "string?", type: "number" },
  nativeSymbols: { libIndex: "number", address: "number", name: "string", functionSize: "number?" },
};

function checkProfile({ meta, threads, shared }: Profile): void {
  assert.is(meta["preprocessedProfileVersion"], 56);
  for (const member of ["interval", "startTime", "processType", "stackwalk", "version"])
    assert.type(meta[member], "number", member);
  assert.ok((meta["interval"] as number) > 0);
  assert.ok(meta.categories.some(({ color }) => color === "grey"));
  assert.ok(Array.isArray(meta["markerSchema"]));
  assert.is(new Set(shared.stringArray).size, shared.stringArray.length);
  for (const thread of threads) {
    const lengths = (name: string): number => (thread[name] as Table).length;
    for (const [name, kinds] of Object.entries(TABLES)) {
      const table = thread[name] as Table;
      const isColumn = ([, column]: readonly [string, unknown]): boolean => Array.isArray(column);
      const known = Object.keys(kinds);
      assert.equal(
        Object.entries(table)
          .filter(isColumn)
          .map(([column]) => column)
          .sort(),
        [...known].sort(),
        name,
      );
      for (const [column, kind] of Object.entries(kinds)) {
        const cells = table[column] as Column;
        assert.is(cells.length, table.length, `${name}.${column}`);
        cells.forEach((cell, index) => {
          const limits: Readonly<Record<string, number>> = {
            ...{ string: shared.stringArray.length, category: meta.categories.length, earlier: index },
            ...{
              stackTable: lengths("stackTable"),
              frameTable: lengths("frameTable"),
              funcTable: lengths("funcTable"),
            },
          };
          checkCell(cell, kind, limits, `${name}.${column}[${String(index)}]`);
        });
      }
    }
    for (const times of [thread.samples["time"], thread.markers["startTime"]] as readonly (readonly number[])[])
      assert.equal(
        times,
        [...times].sort((a, b) => a - b),
      );
    thread.markers["phase"]?.forEach((phase, index) => {
      const [start, end] = [thread.markers["startTime"]?.[index], thread.markers["endTime"]?.[index]];
      assert.ok(phase === 0 ? end === null : (end as number) >= (start as number));
    });
  }
}

function checkCell(cell: unknown, kind: string, limits: Readonly<Record<string, number>>, where: string): void {
  if (cell === null) {
    assert.ok(kind.endsWith("?"), where);
    return;
  }
  const bare = kind.replace("?", "");
  const limit = limits[bare];
  if (limit !== undefined)
    assert.ok(Number.isInteger(cell) && (cell as number) >= 0 && (cell as number) < limit, where);
  else if (bare === "address" || bare === "resource") assert.is(cell, -1, where);
  else if (bare === "phase") assert.ok(cell === 0 || cell === 1, where);
  else assert.is(typeof cell, bare === "ms" ? "number" : bare, where);
}

async function profileOf(source: FormRows): Promise<Profile> {
  let text = "";
  for await (const piece of toFirefoxProfile(source)) text += piece;
  const profile = JSON.parse(text) as Profile;
  checkProfile(profile);
  return profile;
}

/** The names of a sample's frames, the innermost first. */
function namesOf({ shared }: Profile, thread: Thread, sample: number): readonly string[] {
  const cell = (table: string, column: string, index: number): number => {
    const found = (thread[table] as Table)[column]?.[index];
    return found === null || found === undefined ? -1 : (found as number);
  };
  const names: string[] = [];
  for (let stack = cell("samples", "stack", sample); stack >= 0; stack = cell("stackTable", "prefix", stack)) {
    const func = cell("frameTable", "func", cell("stackTable", "frame", stack));
    names.push(shared.stringArray[cell("funcTable", "name", func)] ?? "");
  }
  return names;
}

const recording = openRecording("logs/race-fails.fold");
const EVERY = 50_021;

test("given a recording, then its samples have the stacks of their moments, and its lines are markers", async () => {
  const questions = { stacks: firefoxQuestion(recording, { everyInsns: EVERY }), output: output(recording) };
  const profile = await profileOf(rows(recording, { questions }));
  const [thread] = profile.threads;
  assert.ok(thread !== undefined);
  assert.is(thread.samples.length, Math.floor(recording.info.instructions / EVERY) + 1);
  for (let sample = 0; sample < thread.samples.length; sample += 13) {
    const moment = at(recording, sample * EVERY);
    assert.is(thread.samples["time"]?.[sample], Number(moment.ns) / 1e6);
    assert.equal(
      namesOf(profile, thread, sample),
      moment.stack().map(({ function: name, pc }) => name ?? `0x${pc.toString(16)}`),
    );
  }
  const texts = (thread.markers["data"] as readonly { type: string; text: string }[])
    .filter(({ type }) => type === "console")
    .map(({ text }) => text);
  assert.equal(
    texts,
    output(recording)
      .toArray()
      .map(({ port, text }) => `${port}: ${text}`),
  );
});

test("given stacks of several harts and levels, then each hart is a thread, and frames are of their categories", async () => {
  const row = (hart: number, level: string, ...pcs: readonly bigint[]): never =>
    ({
      ...{ kind: "stacks", seq: 0, icount: 0, ns: 5n, hart },
      value: { level, frames: pcs.map((pc) => ({ pc, function: undefined, isInlined: false })) },
    }) as never;
  const kernel = 0xffff_ffff_8000_0000n;
  const profile = await profileOf([
    row(1, "firmware", 0x8000_0000n),
    row(0, "kernel", kernel),
    row(0, "user", 0x1000n),
  ]);
  const categories = profile.threads.map((thread) =>
    (thread["frameTable"] as Table)["category"]?.map((index) => profile.meta.categories[index as number]?.name),
  );
  assert.equal(
    profile.threads.map(({ name }) => name),
    ["hart 0", "hart 1"],
  );
  assert.equal(categories, [["Kernel", "User"], ["Firmware"]]);
});

test("given a line in UTF-8, then its marker has the letters", async () => {
  const text = Buffer.from("● système").toString("latin1");
  const profile = await profileOf([
    { kind: "output", seq: 0, icount: 0, ns: 5n, hart: 0, port: "uart16550", text } as never,
  ]);
  assert.equal(profile.threads[0]?.markers["data"], [{ type: "console", text: "uart16550: ● système" }]);
});

const rowAt = (ns: number, more: object): never => ({ seq: 0, icount: 0, ns: BigInt(ns), hart: 0, ...more }) as never;

test("given switches of tasks, then a marker says which ran from when to when; an idle hart has none", async () => {
  const profile = await profileOf([
    rowAt(1_000_000, { kind: "switches", pid: 7, comm: "sh" }),
    rowAt(2_000_000, { kind: "output", port: "uart16550", text: "login:" }),
    rowAt(3_000_000, { kind: "switches", pid: 0, comm: "swapper/0" }),
    rowAt(5_000_000, { kind: "switches", pid: 8, comm: "cat" }),
    rowAt(6_000_000, { kind: "input", type: "uart16550/byteReceived" }),
  ]);
  const columns = profile.threads[0]?.markers as Readonly<Record<string, Column>>;
  const { name = [], startTime, endTime } = columns;
  assert.equal(
    name.map((index, row) => [profile.shared.stringArray[index as number], startTime?.[row], endTime?.[row]]),
    [
      ["sh 7", 1, 3],
      ["console", 2, null],
      ["cat 8", 5, 6],
      ["input", 6, null],
    ],
  );
});

test("given more markers than a thread may have, then the last one says how many are missing", () => {
  const thread = new ThreadTables({ of: () => 0 }, 0);
  for (let ns = 0; ns < MAX_THREAD_MARKERS + 3; ns += 1) thread.marker({ type: "input", text: "", ns: BigInt(ns) });
  thread.end(BigInt(MAX_THREAD_MARKERS + 3));
  const { markers } = thread.toJSON() as Thread;
  assert.is(markers.length, MAX_THREAD_MARKERS + 1);
  assert.equal(markers["data"]?.at(-1), { type: "gap", text: "3 more" });
});

test("given so short a distance that there are too many samples, then it is refused", () => {
  assert.throws(() => firefoxQuestion(recording, { everyInsns: 2 }), /more than 1048576 samples; take fewer/);
});

test.run();
