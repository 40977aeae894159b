// A recording that grows, as a page follows it: read on behind what is there, and in the end the same as one that was
// opened whole.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { memorySink, openLog, openWriter } from "../../src/streams/store/log/index.js";
import type { Summary } from "../../web/protocol.js";
import { bytesOf, demoSource, workerHere } from "../support/page-worker.js";

const PATH = "logs/race-fails.fold";

/** The same run in many segments, and where each of them ends: a file that grows has so much of it at a time. */
function inSegments(path: string): { readonly bytes: Uint8Array; readonly steps: readonly number[] } {
  const log = openLog(bytesOf(path));
  const sink = memorySink();
  const steps: number[] = [];
  const write = (bytes: Uint8Array): void => {
    sink.write(bytes);
    steps.push(sink.bytes().length);
  };
  const writer = openWriter({ ...sink, write }, log.header);
  for (const event of log.events()) {
    writer.append(event);
    if (event.seq % 10 === 0) writer.flush();
  }
  if (log.end !== undefined) writer.close(log.end);
  return { bytes: sink.bytes(), steps };
}

/** Serves as much of a file as there is by then; each look at the machine makes it longer. */
async function withGrowing<T>(
  bytes: Uint8Array,
  steps: readonly number[],
  work: (url: string) => Promise<T>,
): Promise<T> {
  let at = 0;
  const server = createServer((request, response) => {
    if (request.url === "/live") {
      at = Math.min(at + 1, steps.length - 1);
      response.end(JSON.stringify({ running: at < steps.length - 1 }));
      return;
    }
    const length = steps[at] ?? 0;
    const [, first] = /^bytes=(\d+)-$/.exec(request.headers.range ?? "") ?? [];
    if (first === undefined) response.end(bytes.subarray(0, length));
    else if (Number(first) >= length) response.writeHead(416).end();
    else response.writeHead(206).end(bytes.subarray(Number(first), length));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    return await work(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

test("given a recording that grows, when it is followed to its end, then it is as if it had been opened whole", async () => {
  const { bytes, steps } = inSegments(PATH);
  assert.ok(steps.length > 5, String(steps.length));
  const whole = workerHere();
  const [expected] = await whole.ask("open", { sources: [{ ...demoSource(PATH), recording: bytes }] });
  await whole.ask("survey", { recording: 0 });
  await withGrowing(bytes, steps, async (url) => {
    const client = workerHere();
    const live = { status: { url: `${url}/live` }, console: { url: `${url}/console` } };
    const recording = { url: `${url}/file` };
    const [begun] = await client.ask("open", { sources: [{ ...demoSource(PATH), recording, live }] });
    assert.ok(begun?.isLive);
    await client.ask("survey", { recording: 0 });
    const told: Summary[] = [];
    const last = await client.ask("follow", { recording: 0 }, { part: (summary) => told.push(summary) });
    assert.ok(told.length > 1, String(told.length));
    assert.ok((told[0]?.end.icount ?? 0) < last.end.icount);
    assert.equal({ ...last, isLive: false }, expected);
    assert.is((await client.ask("survey", { recording: 0 })).surveyed, 1);
    for (const ask of [
      { recording: 0, until: last.end },
      { recording: 0, until: { icount: Math.floor(last.end.icount / 2) } },
    ]) {
      assert.equal(await client.ask("console", ask), await whole.ask("console", ask));
      const moment = { recording: 0, where: ask.until, hash: true };
      assert.is((await client.ask("moment", moment)).hash, (await whole.ask("moment", moment)).hash);
    }
    const density = { recording: 0, buckets: 100 };
    assert.equal(await client.ask("density", density), await whole.ask("density", density));
  });
});

test("given a recording that is over, when it is followed or typed at, then the fault says so", async () => {
  const client = workerHere();
  await client.ask("open", { sources: [demoSource(PATH)] });
  for (const asked of [
    client.ask("follow", { recording: 0 }),
    client.ask("type", { recording: 0, bytes: Uint8Array.of(1) }),
  ]) {
    assert.match(
      await asked.then(
        () => "it did",
        (fault: unknown) => String(fault),
      ),
      /recording/,
    );
  }
});

test.run();
