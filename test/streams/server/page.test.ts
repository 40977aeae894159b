// The page from a server: what it names is there, and asked of the worker it is the recording.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { indexRecording } from "../../../src/streams/past/index-recording.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import type { Source } from "../../../web/protocol.js";
import { DEMO_ELF } from "../../support/demo-guest.js";
import { RACE, textAt, withServer } from "../../support/http-server.js";
import { workerHere } from "../../support/page-worker.js";
import { recordedBytes } from "../../support/recorded.js";
import { withTemporaryFolder } from "../../support/temporary-folder.js";
import { spinning } from "../../support/tiny-guests.js";

/** As the page does: by the address that it came from. */
const absolute = (described: unknown, url: string): unknown => {
  if (typeof described !== "object" || described === null) return described;
  if ("url" in described) return { url: new URL(String(described.url), `${url}/`).href };
  if (Array.isArray(described)) return described.map((one) => absolute(one, url));
  return Object.fromEntries(Object.entries(described).map(([name, part]) => [name, absolute(part, url)]));
};

const sourcesAt = async (url: string): Promise<readonly Source[]> =>
  absolute(JSON.parse(await textAt(`${url}/page/sources`)), url) as readonly Source[];

test("given a server, when its page's worker opens what it names, then it has the recordings", async () => {
  await withServer([RACE, "logs/race-passes.fold"], async (url) => {
    const client = workerHere();
    const summaries = await client.ask("open", { sources: await sourcesAt(url) });
    assert.equal(
      summaries.map(({ name, endHash }) => [name, endHash]),
      [RACE, "logs/race-passes.fold"].map((path) => [
        path.replace(/^.*\/|\.fold$/g, ""),
        openRecording(path).info.stateHash,
      ]),
    );
    const { hash } = await client.ask("hash", { recording: 0, where: { icount: 1_000_000 } });
    assert.is(hash.length, 16);
  });
});

test("given states that were kept, then the page gets them", () =>
  withTemporaryFolder(async (folder) => {
    const indexed = openRecording(RACE, { index: join(folder, "race.states") });
    await indexRecording(indexed);
    await withServer([indexed], async (url) => {
      const [source] = await sourcesAt(url);
      assert.ok(source?.index !== undefined && "url" in source.index);
      const client = workerHere();
      await client.ask("open", { sources: [source] });
      const bytes = await (await fetch(source.index.url)).arrayBuffer();
      assert.ok(bytes.byteLength > 1000);
      assert.is((await client.ask("survey", { recording: 0 })).surveyed, 1);
    });
  }));

test("given files with more names, an ELF file and a System.map, then the page's moments have those names, from the first", () =>
  withTemporaryFolder(async (folder) => {
    const [path, map] = [join(folder, "spin.fold"), join(folder, "System.map")];
    writeFileSync(path, await recordedBytes({ kernel: spinning(), memory: "2M" }, { untilIcount: 1000 }));
    writeFileSync(map, "0000000080001000 T spin\n");
    await withServer([openRecording(path, { symbols: [DEMO_ELF, map] })], async (url) => {
      const client = workerHere();
      await client.ask("open", { sources: await sourcesAt(url) });
      const memory = [{ of: "spin", bytes: 4 }];
      const moment = await client.ask("moment", { recording: 0, where: { icount: 10 }, memory });
      assert.equal([moment.function, moment.memory[0]?.address], ["_start", 0x8000_1000n]);
    });
  }));

/** As a browser asks that has it already, and one that asks for a part of it. */
async function requireStored(url: string, bytes: Uint8Array): Promise<string> {
  const whole = await fetch(url);
  assert.is(Buffer.compare(new Uint8Array(await whole.arrayBuffer()), bytes), 0, url);
  const etag = whole.headers.get("etag") ?? "";
  assert.match(etag, /^"[\w/-]+"$/);
  assert.is((await fetch(url, { headers: { "if-none-match": etag } })).status, 304);
  const part = await fetch(url, { headers: { range: "bytes=3-6", "if-range": etag } });
  assert.equal([part.status, [...new Uint8Array(await part.arrayBuffer())]], [206, [...bytes.slice(3, 7)]]);
  const other = await fetch(url, { headers: { range: "bytes=3-6", "if-range": '"another"' } });
  assert.equal([other.status, (await other.arrayBuffer()).byteLength], [200, bytes.length]);
  assert.is((await fetch(url, { headers: { range: `bytes=${String(bytes.length)}-` } })).status, 416);
  return etag;
}

test("given disks, states, names and images, when they or parts are asked for, then their tags are of their bytes", () =>
  withTemporaryFolder(async (folder) => {
    const [path, map] = [join(folder, "disk.fold"), join(folder, "System.map")];
    writeFileSync(map, "0000000080001000 T spin\n");
    const etags: string[] = [];
    for (const byte of [1, 2]) {
      const image = join(folder, `disk${String(byte)}.raw`);
      writeFileSync(image, new Uint8Array(4096).fill(byte));
      const machine = { kernel: spinning(), memory: "2M", drives: [{ file: image }] };
      writeFileSync(path, await recordedBytes(machine, { untilIcount: 1000 }));
      const recording = openRecording(path, { symbols: [map], index: join(folder, "a.states") });
      const [slot] = recording.disks.keys();
      await withServer([recording], async (url) => {
        etags.push(await requireStored(`${url}/recordings/0/disks/${String(slot)}`, new Uint8Array(4096).fill(byte)));
        const names = await requireStored(`${url}/recordings/0/symbols/0`, readFileSync(map));
        writeFileSync(map, "0000000080001000 T spun\n");
        assert.is.not(await requireStored(`${url}/recordings/0/symbols/0`, readFileSync(map)), names);
      });
    }
    assert.is.not(etags[0], etags[1], "disks of one size in one slot");
  }));

test("given files of names and sources, when they are asked for, then nobody looks for states", async () => {
  const recording = openRecording(RACE, { symbols: [DEMO_ELF] });
  let looks = 0;
  Object.assign(recording.index, { openOrIgnore: () => void (looks += 1) });
  await withServer([recording], async (url) => {
    for (const place of ["symbols/0", "sources/0"])
      assert.is((await fetch(`${url}/recordings/0/${place}`)).status, 200, place);
    assert.is(looks, 0);
    assert.is((await fetch(`${url}/recordings/0/index`)).status, 404);
    assert.is(looks, 1);
  });
});

test("given a program whose source is here, then the page's moments have its lines", async () => {
  await withServer([RACE], async (url) => {
    const client = workerHere();
    await client.ask("open", { sources: await sourcesAt(url) });
    const { code } = await client.ask("moment", { recording: 0, where: { icount: 8_400_291 } });
    const { file, lineNumber, source } = code.find(({ isPc }) => isPc) ?? {};
    const lines = readFileSync(`guests/${String(file)}`, "utf8").split("\n");
    assert.is(source, lines[Number(lineNumber) - 1]);
    assert.is((await fetch(`${url}/recordings/race-fails/sources/4096`)).status, 404);
  });
});

test("given the page, then it may fetch from its own server alone, and every file that it names is there", async () => {
  await withServer([RACE], async (url) => {
    const answer = await fetch(`${url}/`);
    const policy = answer.headers.get("content-security-policy") ?? "";
    assert.match(policy, "default-src 'none'");
    assert.match(policy, "connect-src 'self'");
    assert.match(policy, "frame-ancestors 'none'");
    assert.is(answer.headers.get("x-frame-options"), "DENY");
    assert.is((await fetch(`${url}/docs`)).headers.get("x-frame-options"), "DENY");
    const named = [...(await answer.text()).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, place = ""]) => place);
    const files = named.filter((place) => !place.startsWith("data:"));
    assert.equal(files, ["page/style.css", "page/page.js"]);
    for (const file of [...files, "page/worker.js"]) {
      const { status, headers } = await fetch(`${url}/${file}`);
      assert.is(status, 200, file);
      assert.match(headers.get("content-type") ?? "", file.endsWith(".css") ? /^text\/css/ : /^text\/javascript/);
    }
  });
});

test.run();
