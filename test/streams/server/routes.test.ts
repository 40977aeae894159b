/** What the server answers of a recording is what the library does. */
import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { readPhysical } from "../../../src/machine/inspect.js";
import { hashOfState } from "../../../src/machine/state-hash.js";
import { Moment } from "../../../src/streams/past/moment.js";
import { jsonRow } from "../../../src/streams/past/query/ndjson.js";
import { traps, writes } from "../../../src/streams/past/query/index.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { MAX_MEMORY_BYTES } from "../../../src/streams/server/routes/memory.js";
import { RACE, rowsOf, textAt, withServer } from "../../support/http-server.js";
import { partsOf, written } from "../../support/sample-recording.js";
import { withTemporaryFolder } from "../../support/temporary-folder.js";

const jsonAt = async (url: string): Promise<Record<string, unknown>> =>
  JSON.parse(await textAt(url)) as Record<string, unknown>;

test("given two recordings of one name, when they are listed, then each has a name, and its info is there", async () => {
  await withServer([RACE, RACE], async (url) => {
    const list = JSON.parse(await textAt(`${url}/recordings`)) as { name: string; digest: string }[];
    assert.equal(
      list.map(({ name }) => name),
      ["race-fails", "race-fails-2"],
    );
    const { info } = openRecording(RACE);
    assert.equal(await jsonAt(`${url}/recordings/race-fails-2`), { name: "race-fails-2", ...info });
  });
});

test("given places, when states and memory are asked for there, then they are those of a replay", async () => {
  await withServer([RACE], async (url) => {
    const recording = openRecording(RACE);
    for (const [at, until] of [
      ["1_000_000", 1_000_000],
      ["seq:10", { seq: 10 }],
      ["end", undefined],
    ] as const) {
      const state = recording.at(until);
      const answer = await jsonAt(`${url}/recordings/race-fails/states?at=${at}`);
      assert.is(answer["hash"], hashOfState(state).toString(16).padStart(16, "0"));
      assert.is(answer["icount"], state.position.icount);
      const [hart] = answer["harts"] as { pc: string; x: Record<string, string> }[];
      assert.is(hart?.pc, String(state.harts[0]?.fields.pc));
      assert.is(hart?.x["sp"], String(state.harts[0]?.x[2]));
      const memory = `${url}/recordings/race-fails/memory?at=${at}&address=0x80002000&bytes=4096`;
      const bytes = new Uint8Array(await (await fetch(memory)).arrayBuffer());
      assert.equal(bytes, readPhysical(state, 0x80002000n, 4096));
      assert.is(await textAt(`${memory}&format=hex`), `${Buffer.from(bytes).toString("hex")}\n`);
    }
  });
});

test("given a place by its name, when memory is asked for there, then it is that place's, as large as it is", async () => {
  await withServer([RACE], async (url) => {
    const recording = openRecording(RACE);
    const asked = `${url}/recordings/race-fails/memory?at=5_000_200&format=hex&address=`;
    const hexOf = async (rest: string): Promise<string> => (await textAt(asked + rest)).trim();
    const count = await hexOf("link.count");
    const value = Buffer.from(count, "hex").readUInt32LE();
    assert.is(count.length, 8);
    assert.is(BigInt(value), Moment.of(recording, recording.at(5_000_200)).read("link.count"));
    assert.is((await hexOf("link.count&bytes=16")).slice(0, 8), count);
    assert.is(await hexOf("link.count&space=virtual"), count);
    assert.match(await hexOf("nowhere"), /"code":"NO_SUCH_NAME"/);
    assert.match(await hexOf("a0"), /not in memory/);
  });
});

test("given names, when a state is asked for with them, then its harts have function and stack", async () => {
  await withServer([RACE], async (url) => {
    const { harts } = await jsonAt(`${url}/recordings/race-fails/states?at=1_000_000&names=1`);
    const [hart] = harts as { function: string; line: string; stack: { function: string }[] }[];
    assert.ok(hart?.function !== undefined && hart.stack.length > 1, JSON.stringify(hart));
    assert.match(hart.line, /\.c:\d+$/);
  });
});

test("given questions, when they are asked, then the rows are the library's; first, last and limits too", async () => {
  await withServer([RACE], async (url) => {
    const recording = openRecording(RACE);
    const ask = async (query: string) => rowsOf(await textAt(`${url}/recordings/race-fails/query?${query}`));
    const rowsBy = (kind: string, rows: readonly object[]) =>
      rowsOf(rows.map((row) => jsonRow({ kind, ...row })).join("\n"));
    assert.equal(await ask("question=traps"), rowsBy("traps", traps(recording).toArray()));
    const counts = writes(recording, { of: "link.count", from: 1_000_000, until: 5_000_200 }).toArray();
    assert.ok(counts.length > 5);
    const asked = "question=writes&of=link.count&from=1_000_000&to=5_000_200";
    assert.equal(await ask(asked), rowsBy("writes", counts));
    assert.equal(await ask(`${asked}&limit=3`), rowsBy("writes", counts.slice(0, 3)));
    assert.equal(await ask(`${asked}&which=last`), rowsBy("writes", counts.slice(-1)));
    assert.equal(await ask(`${asked}&which=first`), rowsBy("writes", counts.slice(0, 1)));
  });
});

test("given its console, when it is asked for, then it is byte for byte what was printed, until a moment too", async () => {
  await withServer([RACE], async (url) => {
    const printed = readFileSync("logs/race-fails.console.txt", "latin1");
    const console = `${url}/recordings/race-fails/console`;
    assert.is(await textAt(console), printed);
    const before = await textAt(`${console}?at=/FAIL/`);
    assert.ok(before.length > 0 && before.length < printed.length && printed.startsWith(before));
    assert.is(await textAt(`${console}?port=virtioConsole0`), "");
  });
});

test("given its file and images, when they or ranges of them are asked for, then their bytes come", async () => {
  await withServer([RACE], async (url) => {
    const bytes = readFileSync(RACE);
    const file = `${url}/recordings/race-fails/file`;
    const bytesAt = async (range: string, ifRange = "") => {
      const headers = { range, ...(ifRange === "" ? {} : { "if-range": ifRange }) };
      const answer = await fetch(file, { headers });
      return { status: answer.status, is: answer.headers.get("content-range"), bytes: await answer.arrayBuffer() };
    };
    const whole = await fetch(file);
    assert.equal(new Uint8Array(await whole.arrayBuffer()), new Uint8Array(bytes));
    const etag = whole.headers.get("etag") ?? "";
    for (const [range, first, last] of [
      ["bytes=0-9", 0, 9],
      ["bytes=100-", 100, bytes.length - 1],
      ["bytes=-7", bytes.length - 7, bytes.length - 1],
      ["bytes=5-99999", 5, bytes.length - 1],
    ] as const) {
      const part = await bytesAt(range, etag);
      assert.is(part.status, 206);
      assert.is(part.is, `bytes ${String(first)}-${String(last)}/${String(bytes.length)}`);
      assert.equal(Buffer.from(part.bytes), bytes.subarray(first, last + 1));
    }
    assert.is((await bytesAt("bytes=99999-")).status, 416);
    assert.is((await bytesAt("bytes=0-9", '"another"')).status, 200);
    assert.is((await bytesAt("lines=0-9")).status, 200);
    assert.is((await fetch(file, { headers: { "if-none-match": etag } })).status, 304);
    const [image] = openRecording(RACE).imageDigests;
    const sha256 = image?.sha256 ?? "";
    const answer = await fetch(`${url}/recordings/race-fails/images/${sha256}`);
    assert.is(
      createHash("sha256")
        .update(new Uint8Array(await answer.arrayBuffer()))
        .digest("hex"),
      sha256,
    );
    assert.match(answer.headers.get("cache-control") ?? "", /immutable/);
  });
});

test("given what can't be, when it is asked for, then the status fits, and the problem names it", async () => {
  await withServer([RACE], async (url) => {
    for (const [path, status, code, detail] of [
      ["/recordings/other", 404, "NO_SUCH_RECORDING", /there are race-fails/],
      ["/recordings/race-fails/nothing", 404, "NO_SUCH_ROUTE", /\/docs lists/],
      ["/recordings/race-fails/states?att=3", 400, "INVALID_PARAMETER", /is at meant\?/],
      ["/recordings/race-fails/states?at=1&at=2", 400, "INVALID_PARAMETER", /once/],
      ["/recordings/race-fails/states?at=soon", 400, "INVALID_OPTION", /soon/],
      ["/recordings/race-fails/states?at=999_999_999_999", 400, "NO_SUCH_POSITION", /./],
      ["/recordings/race-fails/states?at=/never printed/", 400, "NO_SUCH_POSITION", /never printed/],
      ["/recordings/race-fails/memory", 400, "INVALID_PARAMETER", /address: is missing/],
      ["/recordings/race-fails/memory?address=0x1", 404, "NOT_MAPPED", /0x1/],
      ["/recordings/race-fails/memory?address=-1", 400, "INVALID_PARAMETER", /64 bits/],
      ["/recordings/race-fails/memory?address=0x80000000&hart=1", 400, "INVALID_PARAMETER", /from 0 to 0/],
      [
        `/recordings/race-fails/memory?address=0x80000000&bytes=${String(MAX_MEMORY_BYTES + 1)}`,
        400,
        "INVALID_PARAMETER",
        /from 1 to/,
      ],
      ["/recordings/race-fails/query?question=writs", 400, "INVALID_OPTION", /is writes meant\?/],
      ["/recordings/race-fails/query?question=csrs&results=1", 400, "INVALID_PARAMETER", /calls.* have/],
      ["/recordings/race-fails/events?of=outputs", 400, "INVALID_OPTION", /is output meant\?/],
      ["/recordings/race-fails/events?of=traps,traps", 400, "INVALID_OPTION", /twice/],
      ["/recordings/race-fails/events?of=output,traps,csrs,devices,visits main", 400, "INVALID_PARAMETER", /at most/],
      ["/recordings/race-fails/events?pace=slow", 400, "INVALID_PARAMETER", /instant, original/],
      ["/recordings/race-fails/events?after=x", 400, "INVALID_PARAMETER", /no id of a row/],
      ["/recordings/race-fails/query?question=writes&of=nowhere", 400, "NO_SUCH_NAME", /there is no nowhere/],
      ["/recordings/race-fails/query?question=changes&of=nowhere", 400, "NO_SUCH_NAME", /there is no nowhere/],
      ["/recordings/race-fails/query?question=changes&of=a0", 400, "INVALID_OPTION", /a0 at main/],
      ["/recordings/race-fails/query?question=changes&of=nowhere at link_read", 400, "NO_SUCH_NAME", /no nowhere/],
      [
        "/recordings/race-fails/events?of=changes link.nothing at link_read",
        400,
        "NO_SUCH_MEMBER",
        /no member nothing/,
      ],
      ["/recordings/race-fails/query?question=calls&of=nothing", 400, "NO_SUCH_NAME", /nothing/],
      ["/recordings/race-fails/query?question=switches", 400, "NO_SUCH_NAME", /no Linux kernel is in the guest/],
      ["/recordings/race-fails/query?question=signals&of=nothing", 400, "NO_SUCH_NAME", /no signal/],
      ["/recordings/race-fails/query?question=visits&of=nowhere&which=last", 400, "NO_SUCH_NAME", /nowhere/],
      ["/recordings/race-fails/events?of=visits nowhere", 400, "NO_SUCH_NAME", /nowhere/],
      ["/recordings/race-fails/events?of=output,changes nowhere", 400, "NO_SUCH_NAME", /nowhere/],
      ["/recordings/race-fails/events?after=77", 400, "INVALID_PARAMETER", /"77" is behind the end.* 49@12075018/],
      ["/recordings/race-fails/events?after=49@99999999%2B1", 400, "INVALID_PARAMETER", /behind the end/],
      ["/recordings/race-fails/events?from=seq:77", 400, "NO_SUCH_POSITION", /there is no seq 77/],
      ["/recordings/race-fails/events?to=99_000_000", 400, "NO_SUCH_POSITION", /there is no icount/],
      ["/recordings/race-fails/events?from=seq:9&to=seq:5", 400, "INVALID_OPTION", /lies behind/],
      ["/recordings/race-fails/events?from=/never printed/", 400, "NO_SUCH_POSITION", /never printed/],
      [`/recordings/race-fails/images/${"0".repeat(64)}`, 404, "NO_SUCH_IMAGE", /SHA-256/],
    ] as const) {
      const answer = await fetch(`${url}${path}`);
      const problem = (await answer.json()) as { status: number; code: string; detail: string };
      assert.is(answer.status, status, path);
      assert.is(problem.status, status);
      assert.is(problem.code, code, `${path}: ${problem.detail}`);
      assert.match(problem.detail, detail);
      assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
    }
  });
});

/** A recording whose last input is another one than its hashes are of. */
function diverging(): Uint8Array {
  const parts = partsOf(readFileSync(RACE));
  const last = parts.events.findLastIndex(({ event }) => event.type === "uart16550/byteReceived");
  const events = parts.events.map((positioned, index) =>
    index === last ? { ...positioned, event: { type: "uart16550/byteReceived", byte: 64 } as const } : positioned,
  );
  return written({ ...parts, events });
}

test("given a question that fails on the way, when it is asked, then its last row says why", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "other.fold");
    writeFileSync(path, diverging());
    copyFileSync("guests/demo/demo.elf", join(folder, "demo.elf"));
    await withServer([path], async (url) => {
      const asked = `${url}/recordings/other/query?question=traps`;
      const answer = await fetch(asked);
      const text = await answer.text();
      assert.is(answer.status, 200, text);
      const [last, ...before] = rowsOf(text).reverse();
      assert.equal([last?.["kind"], last?.["code"]], ["failed", "DIVERGENCE"]);
      assert.ok(before.length > 10 && before.every(({ kind }) => kind === "traps"));
      assert.match(await textAt(asked, { accept: "text/event-stream" }), /event: failed\nid: end\ndata: /);
    });
  }));

test("given questions without end, when their time is over, then they end, and what comes next is answered", async () => {
  const work = async (url: string): Promise<void> => {
    const answer = await fetch(`${url}/recordings/race-fails/query?question=traps&of=ecallFromU`);
    assert.is(answer.status, 504);
    assert.is(((await answer.json()) as { code: string }).code, "TIMEOUT");
    assert.is((await fetch(`${url}/recordings/race-fails/console?at=/FAIL/`)).status, 504);
    assert.is((await fetch(`${url}/recordings`)).status, 200);
  };
  await withServer([RACE], work, { queryMs: 0 });
});

test.run();
