// A page of recordings as one file: what is in it is what a replay needs, and nothing in it is taken for HTML.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { inflateRawSync } from "node:zlib";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_PAGE_BYTES, pageOf } from "../../../src/streams/page/export-page.js";
import { MAX_PAGE_FILE_BYTES, pageRecording, type PageRecording } from "../../../src/streams/page/page-recording.js";
import { servedPage } from "../../../src/streams/page/page-html.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { DEMO_ELF } from "../../support/demo-guest.js";
import { diskGuest, READ, WRITE_OUT } from "../../support/disk-guest.js";
import { numberedSectors } from "../../support/memory-disk.js";
import { seededRandom } from "../../support/seeded-random.js";
import { withTemporaryFolder } from "../../support/temporary-folder.js";
import { foldvm } from "../../cli/command-line.js";

/** The first drive is in slot 1, where the guest looks for it. */
const SLOTS = "none,none,rng,rng,rng,rng,rng,rng";
const FAILS = "logs/race-fails.fold";
/** Letters. */
const LONGEST_ELEMENT = 2 ** 19;
const random = seededRandom(1);

const pageText = (...recordings: readonly PageRecording[]): string => Buffer.concat([...pageOf(recordings)]).toString();

const recordingAt = (path: string): PageRecording =>
  pageRecording(basename(path), openRecording(path, { index: false }));

/** The elements that are no scripts, by their ids. */
const elementsIn = (page: string): ReadonlyMap<string, string> =>
  new Map(
    [...page.matchAll(/<script type="text\/plain" id="([^"]+)">([^<]*)<\/script>/g)].map(([, id = "", text = ""]) => [
      id,
      text,
    ]),
  );

/** Of one file: the elements of its name, by their numbers. */
function piecesOf(elements: ReadonlyMap<string, string>, id: string): readonly Buffer[] {
  const pieces: Buffer[] = [];
  for (let text = elements.get(`${id}-0`); text !== undefined; text = elements.get(`${id}-${String(pieces.length)}`))
    pieces.push(Buffer.from(text, "base64"));
  return pieces;
}

interface Described {
  readonly name: string;
  readonly recording: { readonly element: string };
  readonly images: Readonly<Record<string, { readonly element: string }>>;
  readonly disks: Readonly<Record<string, { readonly element: string }>>;
  readonly index?: { readonly element: string };
  readonly symbols: readonly { readonly name: string; readonly bytes: { readonly element: string } }[];
  readonly sources: readonly { readonly name: string; readonly bytes: { readonly element: string } }[];
}

const sourcesIn = (page: string): { sources: readonly Described[]; bytes: (place?: { element: string }) => Buffer } => {
  const elements = elementsIn(page);
  return {
    sources: JSON.parse(elements.get("foldvm-sources") ?? "") as readonly Described[],
    bytes: (place) => inflateRawSync(Buffer.concat(piecesOf(elements, place?.element ?? ""))),
  };
};

test("given a recording, when a page is made of it, then the recording, its image and the worker are in it, byte for byte", () => {
  const page = pageText(recordingAt(FAILS));
  const { sources, bytes } = sourcesIn(page);
  const [source] = sources;
  assert.is(source?.name, "race-fails.fold");
  assert.ok(bytes(source?.recording).equals(readFileSync(FAILS)));
  const [sha256 = "", image] = Object.entries(source?.images ?? {})[0] ?? [];
  assert.ok(bytes(image).equals(readFileSync(DEMO_ELF)));
  assert.is(createHash("sha256").update(bytes(image)).digest("hex"), sha256);
  assert.ok(bytes({ element: "foldvm-worker" }).equals(readFileSync("dist/web/worker.js")));
});

test("given a file that is long, then it lies in elements that a browser has done with at once, byte for byte", () => {
  const long = Buffer.from(Array.from({ length: 2 * 2 ** 20 }, () => random(256)));
  const made = recordingAt(FAILS);
  const page = pageText({
    ...made,
    index: { place: "index", what: "long", byteLength: long.length, read: () => long },
  });
  const lengths = [...elementsIn(page).values()].map(({ length }) => length);
  assert.ok(Math.max(...lengths) <= LONGEST_ELEMENT, String(Math.max(...lengths)));
  assert.ok(sourcesIn(page).bytes(sourcesIn(page).sources[0]?.index).equals(long));
});

test("given two recordings of one image, then it is in the page once", () => {
  const one = recordingAt(FAILS);
  const page = pageText(one, recordingAt("logs/race-passes.fold"));
  const { sources } = sourcesIn(page);
  const places = sources.flatMap(({ images }) => Object.values(images).map(({ element }) => element));
  assert.is(places.length, 2);
  assert.is(new Set(places).size, 1);
});

test("given a recording that carries its images, then they are in it alone", () => {
  const [source] = sourcesIn(pageText(recordingAt("logs/packed.fold"))).sources;
  assert.equal(source?.images, {});
});

test("given files with more names, when recordings are exported with them, then they are in the page, once", () =>
  withTemporaryFolder(async (folder) => {
    const page = join(folder, "page.html");
    const view = ["view", FAILS, "logs/race-passes.fold", "--export", page, "--symbols"];
    const { code, stderr } = await foldvm([...view, DEMO_ELF]);
    assert.is(code, 0, stderr);
    const { sources, bytes } = sourcesIn(readFileSync(page, "utf8"));
    const given = sources.flatMap(({ symbols }) => symbols);
    assert.equal(given, [given[0], given[0]]);
    // Of where it lies on this host nothing is told.
    assert.is(given[0]?.name, basename(DEMO_ELF));
    assert.ok(bytes(given[0]?.bytes).equals(readFileSync(DEMO_ELF)));
    const nameless = await foldvm([...view, FAILS, "--force"]);
    assert.match(nameless.stderr, /race-fails\.fold names nothing: give an ELF file/);
  }));

test("given a program whose sources are here, then they are in the page, unless they are to be left out", () =>
  withTemporaryFolder(async (folder) => {
    const page = join(folder, "page.html");
    for (const [more, isThere] of [
      [[], true],
      [["--no-sources", "--force"], false],
    ] as const) {
      const { code, stderr } = await foldvm(["view", FAILS, "--export", page, ...more]);
      assert.is(code, 0, stderr);
      const { sources, bytes } = sourcesIn(readFileSync(page, "utf8"));
      const link = sources[0]?.sources.find(({ name }) => name === "demo/link.c");
      assert.is(link !== undefined, isThere);
      if (link !== undefined) assert.ok(bytes(link.bytes).equals(readFileSync("guests/demo/link.c")));
    }
  }));

test("given a machine with a disk, then what was on that is in the page, by its slot", () =>
  withTemporaryFolder(async (folder) => {
    const [kernel, disk, recorded] = ["kernel.bin", "disk.raw", "disk.fold"].map((name) => join(folder, name)) as [
      ...[string, string, string],
    ];
    writeFileSync(kernel, diskGuest([[{ type: READ, sector: 3 }], [{ type: WRITE_OUT, sector: 3 }]]));
    writeFileSync(disk, numberedSectors(64));
    const machine = ["--bios", "none", "--kernel", kernel, "--memory", "4M", "--seed", "x", "--virtio", SLOTS];
    const { code, stderr } = await foldvm(["record", ...machine, "--drive", disk, "-o", recorded]);
    assert.is(code, 0, stderr);
    const recording = openRecording(recorded, { index: false });
    const { sources, bytes } = sourcesIn(pageText(pageRecording(recorded, recording)));
    assert.equal(Object.keys(sources[0]?.disks ?? {}), ["1"]);
    assert.ok(bytes(sources[0]?.disks["1"]).equals(numberedSectors(64)));
    recording.close();
  }));

test("given a page, then it has one script, which its policy names by its digest, and the policy lets nothing be fetched", () => {
  const page = pageText(recordingAt(FAILS));
  const [script, ...others] = [...page.matchAll(/<script>([^]*?)<\/script>/g)].map(([, text = ""]) => text);
  assert.equal(others, []);
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? "";
  assert.ok(policy.startsWith("default-src 'none'; "));
  assert.ok(!policy.includes("connect-src") && !policy.includes("http"), policy);
  assert.match(
    policy,
    `'sha256-${createHash("sha256")
      .update(script ?? "")
      .digest("base64")}'`,
  );
  assert.is(page.match(/(?:src|href)="(?!data:)/g), null);
});

test("given a file whose name is HTML, then it is a text in the page", () => {
  const name = '</script><img src=x onerror="alert(1)">';
  const page = pageText({ ...recordingAt(FAILS), name });
  assert.ok(!page.includes("<img") && !page.includes("</script><"));
  assert.is(sourcesIn(page).sources[0]?.name, name);
  assert.ok(!servedPage(name).includes("<img"));
});

test("given more than a page holds, then it is refused before anything is read, and said what is so large", () => {
  const source = recordingAt(FAILS);
  const large = (bytes: number, key: string): PageRecording["recording"] => ({
    ...{ place: `images/${key}`, what: `the image ${key}`, byteLength: bytes },
    read: () => {
      throw new Error("it was read");
    },
  });
  const images = { a: large(MAX_PAGE_BYTES - 10, "a"), b: large(11, "b") };
  assert.throws(() => pageText({ ...source, images }), /most of it is the image a, with 512 MiB/);
});

test("given an image that is larger than one file of a page, then it is named", () => {
  const recording = openRecording(FAILS, { index: false });
  const [image] = recording.contents;
  const larger = Object.create(recording, {
    contents: { value: [{ ...image, byteLength: MAX_PAGE_FILE_BYTES + 1 }] },
  }) as typeof recording;
  assert.throws(() => pageRecording(FAILS, larger), /the kernel, .*demo\.elf has 257 MiB, and a page holds 256 MiB/);
});

test.run();
