// The page's worker, asked as the page asks it, and held against the library.
import { createHash } from "node:crypto";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { hashOfState } from "../../src/machine/state-hash.js";
import { output, traps } from "../../src/streams/past/query/index.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { memorySink, openLog, openWriter } from "../../src/streams/store/log/index.js";
import type { Client } from "../../web/client.js";
import type { PageRow, Part, RequestName, Source, Summary, WhenceRow } from "../../web/protocol.js";
import { MAX_BUCKETS } from "../../web/worker/density.js";
import { MAX_ORIGINS } from "../../web/worker/origins.js";
import { MAX_PAGE_ROWS } from "../../web/worker/read-query.js";
import { MAX_PAGE_RECORDINGS } from "../../web/worker/session.js";
import { indexedAt } from "../support/indexed-states.js";
import { bytesOf, demoSource, workerHere } from "../support/page-worker.js";
import { recordedBytes } from "../support/recorded.js";
import { spinning } from "../support/tiny-guests.js";

const FAILS = "logs/race-fails.fold";
const PASSES = "logs/race-passes.fold";

const opened = async (...paths: readonly string[]): Promise<{ client: Client; summary: Summary }> => {
  const client = workerHere();
  const [summary] = await client.ask("open", { sources: paths.map(demoSource) });
  if (summary === undefined) throw new Error("nothing was opened");
  return { client, summary };
};

const partsOf = async <Name extends RequestName, Row>(
  ask: (told: { part: (part: Part<Name>) => void }) => Promise<unknown>,
): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  await ask({
    part: (part) => {
      rows.push(...(part as readonly Row[]));
    },
  });
  return rows;
};

const failure = async (work: Promise<unknown>): Promise<Error> => {
  try {
    await work;
  } catch (fault) {
    return fault as Error;
  }
  throw new Error("it did not fail");
};

test("given a recording, when it is opened, then the summary is what the library says of it", async () => {
  const { summary } = await opened(FAILS);
  const { info } = openRecording(FAILS);
  assert.equal(
    [summary.digest, summary.events, summary.end.icount, summary.end.seq, summary.endHash, summary.guestCode],
    [info.digest, info.events, info.instructions, info.events, info.stateHash, info.guestCode],
  );
  assert.is(
    summary.types.reduce((sum, { count }) => sum + count, 0),
    info.events,
  );
});

test("given a long run, when it is opened, then its end is near where a state is kept there, and not without", async () => {
  const bytes = await recordedBytes({ kernel: spinning(), memory: "2M" }, { untilIcount: 101_000_000 });
  const index = indexedAt(openRecording(bytes), [90_000_000]).bytes;
  const sources = [
    { name: "long", recording: bytes, images: {} },
    { ...{ name: "indexed", recording: bytes }, images: {}, index },
  ];
  const summaries = await workerHere().ask("open", { sources: [...sources, demoSource(FAILS)] });
  assert.equal(
    summaries.map(({ isEndNear }) => isEndNear),
    [false, true, true],
  );
});

test("given positions of all over it, when moments are asked, then their hashes are the library's", async () => {
  const { client, summary } = await opened(FAILS);
  const recording = openRecording(FAILS);
  for (let at = 0; at < 20; at += 1) {
    const icount = Math.floor((summary.end.icount * at) / 19);
    const moment = await client.ask("moment", { recording: 0, where: { icount }, hash: true });
    const state = recording.at(icount);
    assert.is(moment.hash, hashOfState(state).toString(16).padStart(16, "0"));
    assert.equal([moment.seq, moment.icount, moment.pc], [state.position.seq, icount, state.harts[0]?.fields.pc]);
  }
});

test("given an event, when the moments before and behind it are asked, then the hashes differ as the library's do", async () => {
  const { client } = await opened(FAILS);
  const recording = openRecording(FAILS);
  for (const { seq, icount } of recording.eventsFrom()) {
    for (const where of [{ seq }, { seq: seq - 1, icount }]) {
      const { hash } = await client.ask("hash", { recording: 0, where });
      assert.is(
        hash,
        hashOfState(recording.at(where)).toString(16).padStart(16, "0"),
        `${String(seq)} ${String(icount)}`,
      );
    }
  }
});

test("given a virtual time, when it is located, then that is the first position at which the clock has come so far", async () => {
  const { client } = await opened("logs/clock.fold");
  const recording = openRecording("logs/clock.fold");
  const last = [...recording.eventsFrom()].at(-1)?.ns ?? 0n;
  for (let at = 0; at <= 20; at += 1) {
    const ns = (Number(last) * at) / 20;
    const where = await client.ask("locate", { recording: 0, where: { ns: Math.floor(ns) } });
    const state = recording.at({ seq: where.seq, icount: where.icount });
    assert.equal([state.position.seq, state.position.icount], [where.seq, where.icount]);
    assert.ok(where.ns >= Math.floor(ns), `${String(where.ns)} is before ${String(ns)}`);
  }
});

test("given a survey that is over, when the console is asked, then it is what was printed by then", async () => {
  const { client, summary } = await opened(FAILS);
  assert.equal(await client.ask("survey", { recording: 0 }), { surveyed: 1 });
  const lines = output(openRecording(FAILS)).toArray();
  const whole = await client.ask("console", { recording: 0, until: summary.end });
  const text = new TextDecoder().decode(whole.bytes);
  assert.equal(
    text.split("\n").map((line) => line.replace(/\r$/, "")),
    [...lines.filter(({ isUnfinished }) => isUnfinished !== true).map((line) => line.text), ""],
  );
  const fail = lines.find((line) => line.text.includes("FAIL"));
  const before = await client.ask("console", { recording: 0, until: { icount: fail?.icount ?? 0 } });
  assert.ok(!before.isPartial);
  const printed = new TextDecoder().decode(before.bytes);
  assert.ok(printed.includes("FAIL") && !printed.endsWith("\n"), "the line's end is printed by the next instruction");
  const start = whole.lines.find(({ start: from, end }) =>
    new TextDecoder().decode(whole.bytes.subarray(from, end)).includes("FAIL"),
  );
  assert.equal(
    await client.ask("locate", { recording: 0, where: { text: "FAIL" } }),
    await client.ask("printed", { recording: 0, offset: (start?.start ?? 0) + 3 }),
  );
});

test("given a variable of an outer call, when it is asked where it comes from, then that is answered by its address", async () => {
  const { client } = await opened(FAILS);
  const where = { icount: 8_400_291 };
  const { variables } = await client.ask("moment", { recording: 0, where, frame: 1 });
  const bytes = variables.find(({ name }) => name === "bytes");
  const [first] = bytes?.parts ?? [];
  assert.match(first?.place ?? "", /^0x80[0-9a-f]{6}:1$/);
  assert.is(variables.find(({ name }) => name === "taken")?.place, null);
  const [root] = await partsOf<"whence", WhenceRow>((told) =>
    client.ask("whence", { recording: 0, where, of: first?.place ?? "", limit: 1 }, told),
  );
  assert.match(root?.text ?? "", first?.place?.replace(":1", "") ?? "");
  assert.match(root?.text ?? "", "= 0x72");
});

test("given bytes that were typed, when their events are asked, then each that has a letter says it", async () => {
  const { client, summary } = await opened("logs/session.fold");
  const window = { axis: "icount" as const, from: 0, until: summary.end.icount };
  const rows = await partsOf<"rows", PageRow>((told) =>
    client.ask("rows", { recording: 0, kind: "events", window, limit: 10_000 }, told),
  );
  const typed = rows.filter(({ name }) => name === "uart16550/byteReceived").map(({ text }) => text);
  assert.equal(typed.slice(0, 5), ["'h'", "'e'", "'l'", "'p'", "byte=10"]);
});

test("given a window, when its interrupts are asked, then they are those of the query, and the density counts them", async () => {
  const { client, summary } = await opened(FAILS);
  await client.ask("survey", { recording: 0 });
  const window = { axis: "icount" as const, from: summary.end.icount * 0.2, until: summary.end.icount * 0.7 };
  const rows = await partsOf<"rows", { icount: number; name: string }>((told) =>
    client.ask("rows", { recording: 0, kind: "interrupts", window, limit: 1000 }, told),
  );
  const found = traps(openRecording(FAILS), { from: Math.floor(window.from), until: Math.ceil(window.until) })
    .toArray()
    .filter(({ isInterrupt }) => isInterrupt);
  assert.equal(
    rows.map(({ icount, name }) => [icount, name]),
    found.map(({ icount, cause }) => [icount, cause]),
  );
  const { series, surveyed } = await client.ask("density", { recording: 0, window, buckets: 50 });
  assert.is(surveyed, 1);
  const counted = series.filter(({ kind }) => kind === "interrupt").map(({ counts }) => counts.reduce((a, b) => a + b));
  assert.is(
    counted.reduce((a, b) => a + b),
    found.length,
  );
});

test("given a limit below what there is, then so many rows come, and that there are more", async () => {
  const { client, summary } = await opened(FAILS);
  const window = { axis: "icount" as const, from: 0, until: summary.end.icount };
  let rows = 0;
  const ask = { recording: 0, kind: "events" as const, window, limit: 5 };
  const answer = await client.ask("rows", ask, { part: (part) => (rows += part.length) });
  assert.equal([answer, rows], [{ rows: 5, hasMore: true }, 5]);
});

test("given a step forward and one back, then it is where it was, or closer by", async () => {
  const { client, summary } = await opened(FAILS);
  await client.ask("survey", { recording: 0 });
  const from = await client.ask("locate", { recording: 0, where: { icount: Math.floor(summary.end.icount * 0.7) } });
  for (const kind of ["instruction", "event", "output"] as const) {
    const on = await client.ask("step", { recording: 0, from, kind, direction: "forward" });
    const back = await client.ask("step", { recording: 0, from: on, kind, direction: "back" });
    assert.ok(on.icount > from.icount, kind);
    assert.ok(back.icount <= from.icount, kind);
  }
  const line = await client.ask("step", { recording: 0, from, kind: "line", direction: "forward" });
  const { stack: before } = await client.ask("moment", { recording: 0, where: from });
  const { stack: after } = await client.ask("moment", { recording: 0, where: line });
  assert.not.equal(before[0]?.lineNumber, after[0]?.lineNumber);
});

test("given what was lost, when it is asked who wrote it, and where that came from, then the answer is the library's", async () => {
  const { client, summary } = await opened(FAILS);
  const writes = await partsOf<"query", { icount: number; function: string | null }>((told) =>
    client.ask("query", { recording: 0, kind: "writes", of: "link", last: 2, until: summary.end, limit: 10 }, told),
  );
  assert.is(writes.length, 2);
  assert.ok((writes[0]?.icount ?? 0) < (writes[1]?.icount ?? 0));
  const origins = await partsOf<"whence", { depth: number; text: string }>((told) =>
    client.ask("whence", { recording: 0, where: summary.end, of: "link.count", limit: 10 }, told),
  );
  assert.is(origins[0]?.depth, 0);
  assert.match(origins[0]?.text ?? "", "link.count");
});

test("given two recordings of which one fails, then it is said where they part", async () => {
  const { client } = await opened(FAILS, PASSES);
  const { isSame, parting, event } = await client.ask("diff", { a: 0, b: 1 });
  assert.not(isSame);
  assert.ok(parting !== null && event?.a !== null && event?.b !== null);
});

/** A guest that only counts is sent a letter, long after its start. */
async function letterSent(byte: number): Promise<Source> {
  const kernel = spinning();
  const { header } = openLog(await recordedBytes({ kernel, memory: "2M", seed: "x" }, { untilIcount: 1000 }));
  const sink = memorySink();
  const writer = openWriter(sink, header);
  writer.append({ seq: 1, icount: 300_000_000, event: { type: "uart16550/byteReceived", byte } });
  writer.flush();
  const images = { [createHash("sha256").update(kernel).digest("hex")]: kernel };
  return { name: String(byte), recording: sink.bytes(), images };
}

test("given recordings that are compared, then moments are answered meanwhile, and who wants no answer ends it", async () => {
  const client = workerHere();
  await client.ask("open", { sources: [await letterSent(0x61), await letterSent(0x62)] });
  const ending = new AbortController();
  const order: string[] = [];
  const cancelled = failure(client.ask("diff", { a: 0, b: 1 }, { signal: ending.signal })).then((fault) => {
    order.push(fault.name);
  });
  const whole = client.ask("diff", { a: 0, b: 1 }).then(({ parting }) => {
    order.push(`parted at ${String(parting?.a.icount)}`);
  });
  await client.ask("moment", { recording: 0, where: { icount: 1000 } });
  order.push("moment");
  ending.abort();
  await Promise.all([cancelled, whole]);
  assert.equal(order, ["moment", "Cancelled", "parted at 300000000"]);
});

test("given a question that goes on, when it is cancelled, then it ends, and a moment is answered", async () => {
  const { client } = await opened(FAILS);
  const ending = new AbortController();
  const asked = client.ask(
    "query",
    { recording: 0, kind: "devices", of: "", limit: 100_000 },
    { signal: ending.signal },
  );
  ending.abort();
  assert.is((await failure(asked)).name, "Cancelled");
  assert.is((await client.ask("moment", { recording: 0, where: { icount: 1000 } })).icount, 1000);
});

const WRONG: readonly (readonly [string, (client: Client) => Promise<unknown>, RegExp])[] = [
  ["another recording", (client) => client.ask("moment", { recording: 7, where: { icount: 0 } }), /no recording 7/],
  ["a place behind the end", (client) => client.ask("moment", { recording: 0, where: { icount: 1e12 } }), /outside/],
  ["no position", (client) => client.ask("locate", { recording: 0, where: { seq: 3, icount: 0 } }), /after event 3/],
  ["a text that nobody prints", (client) => client.ask("locate", { recording: 0, where: { text: "Ω" } }), /no console/],
  ["another hart", (client) => client.ask("moment", { recording: 0, where: { icount: 0 }, hart: 1 }), /no hart 1/],
  ["no name", (client) => client.ask("query", { recording: 0, kind: "writes", of: "lonk", limit: 1 }), /link/],
  [
    "too many buckets",
    (client) => client.ask("density", { recording: 0, buckets: MAX_BUCKETS + 1 }),
    /a density has 1 to/,
  ],
  [
    "too many rows",
    (client) => client.ask("query", { recording: 0, kind: "traps", of: "", limit: MAX_PAGE_ROWS + 1 }),
    /expected a whole number/,
  ],
  [
    "too many origins",
    (client) => client.ask("whence", { recording: 0, where: { icount: 9 }, of: "a0", limit: MAX_ORIGINS + 1 }),
    /expected a whole number/,
  ],
  ["to be opened again", (client) => client.ask("open", { sources: [demoSource(FAILS)] }), /already/],
];

for (const [what, ask, says] of WRONG) {
  test(`given a request for ${what}, then the fault says so, and the next one is answered`, async () => {
    const { client } = await opened(FAILS);
    assert.match((await failure(ask(client))).message, says);
    assert.is((await client.ask("moment", { recording: 0, where: { icount: 5 } })).icount, 5);
  });
}

test("given more recordings than a page shows, or damaged ones, then none is open", async () => {
  const many = Array.from({ length: MAX_PAGE_RECORDINGS + 1 }, () => demoSource(FAILS));
  assert.match((await failure(workerHere().ask("open", { sources: many }))).message, /1 to 16/);
  const damaged = bytesOf(FAILS);
  damaged[200] = (damaged[200] ?? 0) ^ 1;
  const source: Source = { ...demoSource(FAILS), recording: damaged };
  assert.is((await failure(workerHere().ask("open", { sources: [source] }))).name, "LogError");
});

test("given a recording whose image is not here, then there are its events, and moments say what is missing", async () => {
  const client = workerHere();
  const [summary] = await client.ask("open", { sources: [{ ...demoSource(FAILS), images: {} }] });
  assert.is(summary?.images[0]?.isHere, false);
  const { series } = await client.ask("density", { recording: 0, buckets: 10 });
  assert.ok(series.some(({ name }) => name === "uart16550/byteReceived"));
  const fault = await failure(client.ask("moment", { recording: 0, where: { icount: 5 } }));
  assert.match(fault.message, /the kernel, .*demo\.elf is not here/);
  assert.match((await failure(client.ask("survey", { recording: 0 }))).message, /is not here/);
});

test("given a text that nothing prints, or a place outside, then the fault says that another place is needed", async () => {
  const client = workerHere();
  await client.ask("open", { sources: [demoSource(FAILS)] });
  for (const where of [{ text: "zzz" }, { icount: 1e12 }, { snapshot: "none" }]) {
    assert.is((await failure(client.ask("locate", { recording: 0, where }))).name, "PositionError");
  }
});

test.run();
