/** Many readers of one stream, at their own pace; a thousand of them are in a test of their own. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { connectedTo, withServer } from "../../support/http-server.js";
import { manyEvents } from "../../support/many-events.js";
import { freshSeed } from "../../support/seeded-random.js";
import { readByMany } from "../../support/stream-readers.js";

test("given readers, some slow, some gone and back, when they have read, then each has every event once, in order", async () => {
  await readByMany({ count: 40, events: 2000, seed: freshSeed() });
});

test("given more streams at once than Node takes for a leak of listeners, then nothing is warned of", async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on("warning", note);
  const leave = new AbortController();
  try {
    await withServer([manyEvents(200_000).recording], async (url) => {
      const path = `${url}/recordings/0/events`;
      await Promise.all(
        Array.from({ length: EventEmitter.defaultMaxListeners + 1 }, () => fetch(path, { signal: leave.signal })),
      );
      await new Promise(setImmediate);
      assert.equal(warnings, []);
      leave.abort();
    });
  } finally {
    process.off("warning", note);
  }
});

/** What this process holds of an answer for its peer: the rest is the kernel's. */
const MOST_BUFFERED_BYTES = 1 << 17;

test("given readers that read nothing, then little is read for them, and less is kept, until they go", async () => {
  const readers = 8;
  const { recording, read } = manyEvents(200_000);
  const sockets: Socket[] = [];
  const note = (message: unknown): void => {
    sockets.push((message as { socket: Socket }).socket);
  };
  subscribe("http.server.request.start", note);
  try {
    await withServer([recording], async (url) => {
      const peers = Array.from({ length: readers }, () => {
        const peer = connectedTo(url).on("error", () => undefined);
        peer.write("GET /recordings/0/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
        return peer.pause();
      });
      let before = -1;
      for (let now = read(); now !== before || now === 0; now = read()) {
        before = now;
        await sleep(300);
      }
      assert.is(sockets.length, readers);
      for (const { writableLength } of sockets)
        assert.ok(writableLength <= MOST_BUFFERED_BYTES, `${String(writableLength)} bytes wait in this process`);
      assert.ok(before < (readers * 200_000) / 2, `${String(before)} events were read`);
      for (const peer of peers) peer.destroy();
      await sleep(300);
      assert.is(read(), before, "nobody is read for any more");
    });
  } finally {
    unsubscribe("http.server.request.start", note);
  }
});

test.run();
