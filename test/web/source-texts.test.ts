// A moment's instructions with the lines of the source that they are of.
import { readFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";

import { test } from "uvu";
import * as assert from "uvu/assert";

import type { CodeRow } from "../../web/protocol.js";
import { MAX_SOURCE_LINE_LETTERS, SourceTexts } from "../../web/worker/source-texts.js";
import { demoSource, workerHere } from "../support/page-worker.js";

const FAILS = "logs/race-fails.fold";
const LINK = "guests/demo/link.c";

const row = (file: string, lineNumber: number): CodeRow => ({
  ...{ address: 0n, bytes: new Uint8Array(4), text: "nop", symbol: null, source: null, isPc: false },
  ...{ file, lineNumber },
});

const textsOf = async (texts: SourceTexts, rows: readonly CodeRow[]): Promise<readonly (string | null)[]> =>
  (await texts.beside(rows)).map(({ source }) => source);

test("given the source that a line is of, when a moment is asked, then its instructions have that line's text", async () => {
  const client = workerHere();
  const bytes = { packed: new Blob([deflateRawSync(readFileSync(LINK)).toString("base64")]) };
  await client.ask("open", { sources: [{ ...demoSource(FAILS), sources: [{ name: "demo/link.c", bytes }] }] });
  const { code } = await client.ask("moment", { recording: 0, where: { icount: 8_400_291 } });
  const here = code.find(({ isPc }) => isPc);
  assert.is(here?.file, "demo/link.c");
  assert.is(here?.source, readFileSync(LINK, "utf8").split("\n")[(here?.lineNumber ?? 0) - 1]);
  // Nothing is here of another one.
  const { code: others } = await client.ask("moment", { recording: 0, where: { icount: 8_000_000 } });
  assert.equal(new Set(others.map(({ file, source }) => file !== null && source)), new Set([null]));
});

test("given a line behind the end, a damaged text, or one that no server has, then there is no text of it, and no fault", async () => {
  const texts = new SourceTexts({
    sources: [
      { name: "a.c", bytes: new TextEncoder().encode("one\r\ntwo") },
      { name: "damaged.c", bytes: { packed: new Blob(["BwcH"]) } },
      { name: "no-base64.c", bytes: { packed: new Blob(["<!-- -->"]) } },
      { name: "gone.c", bytes: { url: "http://127.0.0.1:1/gone.c" } },
    ],
  });
  const rows = [
    row("a.c", 1),
    row("a.c", 2),
    row("a.c", 3),
    row("damaged.c", 1),
    row("no-base64.c", 1),
    row("gone.c", 1),
  ];
  rows.push(row("no.c", 1));
  assert.equal(await textsOf(texts, rows), ["one", "two", null, null, null, null, null]);
});

test("given a line that nobody wrote by hand, then the beginning of it is told", async () => {
  const bytes = new TextEncoder().encode("x".repeat(MAX_SOURCE_LINE_LETTERS + 1));
  const [text] = await textsOf(new SourceTexts({ sources: [{ name: "a.c", bytes }] }), [row("a.c", 1)]);
  assert.is(text?.length, MAX_SOURCE_LINE_LETTERS);
});

test.run();
