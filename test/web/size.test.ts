// What the page is made of stays small: it is in every page that somebody sends.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

import { test } from "uvu";
import * as assert from "uvu/assert";

const KILOBYTE = 1000;
/** The terminal is among it. */
const MOST_PAGE_BYTES = 300 * KILOBYTE;
/** The replay, and all questions about the past. */
const MOST_WORKER_BYTES = 400 * KILOBYTE;

const zipped = (name: string): number => gzipSync(readFileSync(`dist/web/${name}`), { level: 9 }).length;

test("given the page as it is built, then with its styles it has at most 300 kB gzipped, and its worker 400 kB", () => {
  const page = zipped("page.js") + zipped("style.css");
  assert.ok(page > 20 * KILOBYTE && page <= MOST_PAGE_BYTES, `the page has ${String(page)} bytes`);
  const worker = zipped("worker.js");
  assert.ok(worker > 100 * KILOBYTE && worker <= MOST_WORKER_BYTES, `the worker has ${String(worker)} bytes`);
});

test("given the worker as it is built, then nothing in it is of Node", () => {
  const worker = readFileSync("dist/web/worker.js", "utf8");
  assert.not.match(worker, /["']node:|\brequire\(/);
});

test.run();
