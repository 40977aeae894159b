/** Recordings as one file of HTML, which anybody opens from a disk: the page, its worker, images and states inside. */
import { basename } from "node:path";
import { deflateRawSync } from "node:zlib";

import { pageFile } from "./page-bundle.js";
import { PageExportError } from "./page-error.js";
import { jsonText, wholePage, type PageElement } from "./page-html.js";
import type { PageFile, PageRecording } from "./page-recording.js";

/** Of all files in it, as they are: a browser holds them, and what a replay makes of them, in memory. */
export const MAX_PAGE_BYTES = 512 * 2 ** 20;

/** Piece by piece. @throws {PageExportError} before the first one */
export function pageOf(recordings: readonly PageRecording[]): Generator<Uint8Array> {
  const files = new Map<string, PageFile>();
  const sources = recordings.map((recording, index) =>
    describedSource(recording, (file) => {
      const key = file.shared ?? `${String(index)} ${file.place}`;
      files.set(key, files.get(key) ?? file);
      return { element: `foldvm-file-${String([...files.keys()].indexOf(key))}` };
    }),
  );
  requireRoom([...files.values()]);
  return encoded(wholePage(titleOf(recordings), elementsOf(sources, files)));
}

export const titleOf = (recordings: readonly { readonly name: string }[]): string =>
  recordings.map(({ name }) => name).join(", ");

/** As the page's own source says it, with `place` where it has bytes. */
export const describedSource = (
  { name, recording, images, disks, index, symbols, sources }: PageRecording,
  place: (file: PageFile) => object,
): object => {
  const placed = (all: Readonly<Record<string, PageFile>>): object =>
    Object.fromEntries(Object.entries(all).map(([key, file]) => [key, place(file)]));
  return {
    name,
    recording: place(recording),
    images: placed(images),
    disks: placed(disks),
    ...(index && { index: place(index) }),
    // Where it lies here is nobody's business who gets the page.
    symbols: symbols.map((file) => ({ name: basename(file.what), bytes: place(file) })),
    sources: sources.map(({ name: file, file: text }) => ({ name: file, bytes: place(text) })),
  };
};

function requireRoom(files: readonly PageFile[]): void {
  const bytes = files.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (bytes <= MAX_PAGE_BYTES) return;
  const [largest] = [...files].sort((a, b) => b.byteLength - a.byteLength);
  throw new PageExportError(
    `what the page needs has ${mebibytes(bytes)}, and a page holds ${mebibytes(MAX_PAGE_BYTES)}: ` +
      `most of it is ${largest?.what ?? "nothing"}, with ${mebibytes(largest?.byteLength ?? 0)}`,
  );
}

const mebibytes = (bytes: number): string => `${String(Math.ceil(bytes / 2 ** 20))} MiB`;

function* elementsOf(sources: readonly object[], files: ReadonlyMap<string, PageFile>): Generator<PageElement> {
  yield { id: "foldvm-sources", text: jsonText(sources) };
  yield* packed("foldvm-worker", Buffer.from(pageFile("worker.js")));
  for (const [index, file] of [...files.values()].entries()) yield* packed(`foldvm-file-${String(index)}`, file.read());
}

/** A browser copies the text of an element again with each piece of it that comes: of a long one, for seconds. */
const PACKED_BYTES_AN_ELEMENT = 3 * 2 ** 17;

function* packed(id: string, bytes: Uint8Array): Generator<PageElement> {
  const deflated = deflateRawSync(bytes, { level: 9 });
  for (let from = 0, number = 0; from < deflated.length; from += PACKED_BYTES_AN_ELEMENT, number += 1) {
    const piece = deflated.subarray(from, from + PACKED_BYTES_AN_ELEMENT);
    yield { id: `${id}-${String(number)}`, text: piece.toString("base64") };
  }
}

function* encoded(texts: Iterable<string>): Generator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}
