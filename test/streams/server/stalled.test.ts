/** Readers that do not read: their replays stand still, others have their turns, and few may be open. */
import type { Socket } from "node:net";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_OPEN_REPLAYS, MAX_REPLAYS, Slots, type Asker } from "../../../src/streams/server/slots.js";
import { connectedTo, RACE, rowsOf, textAt, withServer } from "../../support/http-server.js";

/** Some megabytes of rows: more than the kernel keeps of a connection. */
const LONG = "/recordings/race-fails/query?question=reads&of=0x80000000:65536";

/** Reads the head of the answer, and then nothing more. */
const stalled = (url: string, path: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connectedTo(url).on("error", reject);
    socket.once("data", () => {
      socket.pause();
      resolve(socket);
    });
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  });

const problemAt = async (url: string) => {
  const answer = await fetch(url);
  const { code, detail } = (await answer.json()) as { code: string; detail: string };
  return { status: answer.status, retryAfter: answer.headers.get("retry-after"), code, detail };
};

test("given more readers than replays work at a time, when none of them reads, then who comes next is answered", async () => {
  await withServer([RACE], async (url) => {
    const readers = await Promise.all(Array.from({ length: MAX_REPLAYS + 1 }, () => stalled(url, LONG)));
    const rows = rowsOf(await textAt(`${url}/recordings/race-fails/events?of=output%20FAIL`));
    assert.is(rows.length, 1);
    assert.is((await fetch(`${url}/recordings/race-fails/states?at=1000`)).status, 200);
    for (const reader of readers) reader.destroy();
  });
});

test("given as many open streams of replays as may be, when one more is asked for, then it is refused until one goes", async () => {
  const openReplays = 2;
  const work = async (url: string): Promise<void> => {
    const readers = await Promise.all(Array.from({ length: openReplays }, () => stalled(url, LONG)));
    for (const path of ["events?of=output", "query?question=output", "console"]) {
      const { status, code, detail, retryAfter } = await problemAt(`${url}/recordings/race-fails/${path}`);
      assert.equal([status, code, retryAfter], [503, "BUSY", "1"], path);
      assert.match(detail, /2 streams .* are open already/);
    }
    assert.is((await fetch(`${url}/recordings/race-fails/events`)).status, 200, "no replay is needed");
    assert.is((await fetch(`${url}/recordings/race-fails/states?at=1000`)).status, 200, "it is no stream");
    for (const reader of readers) reader.destroy();
    // The server hears of it some time later.
    let answer: Response;
    do answer = await fetch(`${url}/recordings/race-fails/events?of=output%20FAIL`);
    while (answer.status === 503);
    assert.is(rowsOf(await answer.text()).length, 1);
  };
  assert.ok(MAX_OPEN_REPLAYS > MAX_REPLAYS);
  await withServer([RACE], work, { openReplays });
});

test("given a stream in a slot, when its reader takes its time, then others have the slot meanwhile", async () => {
  const slots = new Slots(1, 1, 1);
  const asker: Asker = { signal: new AbortController().signal, working: (work) => work() };
  let isLeft = false;
  async function* values(): AsyncGenerator<number> {
    try {
      yield* [1, 2, 3];
    } finally {
      isLeft = true;
    }
  }
  for await (const value of slots.inTurn(values(), asker)) {
    assert.is(await slots.during(asker, () => Promise.resolve(7)), 7);
    if (value === 2) break;
  }
  assert.ok(isLeft);
  const close = slots.open();
  assert.throws(() => slots.open(), /1 streams/);
  close();
  close();
  slots.open();
  assert.throws(() => slots.open(), /1 streams/);
});

test.run();
