// The texts that debugging information names: those that are here, that are called as sources are, up to the bounds.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import {
  MAX_SOURCE_BYTES,
  MAX_SOURCES,
  MAX_SOURCES_BYTES,
  sourceFilesOf,
  withinBounds,
  type SourceFile,
} from "../../../src/streams/page/source-files.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { DEMO_ELF } from "../../support/demo-guest.js";
import { withTemporaryFolder } from "../../support/temporary-folder.js";

const FAILS = "logs/race-fails.fold";

/** Of the demo's race, whose kernel lies in a folder of its own. */
const sourcesIn = (folder: string, symbols: readonly string[] = []): readonly SourceFile[] => {
  copyFileSync(DEMO_ELF, join(folder, "demo.elf"));
  const images = { kernel: join(folder, "demo.elf") };
  return sourceFilesOf(openRecording(FAILS, { index: false, images, symbols }));
};

test("given a program beside its sources, then each of those is there, and those of its compiler are not", () => {
  const files = sourceFilesOf(openRecording(FAILS, { index: false }));
  const link = files.find(({ name }) => name === "demo/link.c");
  assert.equal(readFileSync(link?.path ?? ""), readFileSync("guests/demo/link.c"));
  assert.is(link?.byteLength, readFileSync("guests/demo/link.c").length);
  assert.ok(files.some(({ name }) => name === "demo/start.S"));
  assert.not(files.some(({ name }) => name.includes("stdarg.h")));
});

test("given a program whose sources are elsewhere, then there are none", () =>
  withTemporaryFolder((folder) => {
    assert.equal(sourcesIn(folder), []);
  }));

test("given a file that is larger than a source is, then it is left out", () =>
  withTemporaryFolder((folder) => {
    mkdirSync(join(folder, "demo"));
    writeFileSync(join(folder, "demo/link.c"), new Uint8Array(MAX_SOURCE_BYTES));
    writeFileSync(join(folder, "demo/uart.c"), new Uint8Array(MAX_SOURCE_BYTES + 1));
    mkdirSync(join(folder, "demo/trap.c"));
    assert.equal(
      sourcesIn(folder).map(({ name }) => name),
      ["demo/link.c"],
    );
  }));

test("given debugging information that names what is no source, then that is not read", () =>
  withTemporaryFolder((folder) => {
    const elf = readFileSync(DEMO_ELF);
    for (let at = elf.indexOf("timer.c\0"); at >= 0; at = elf.indexOf("timer.c\0", at)) elf.write("timer.k", at);
    writeFileSync(join(folder, "other.elf"), elf);
    mkdirSync(join(folder, "demo"));
    for (const name of ["timer.k", "link.c"]) writeFileSync(join(folder, "demo", name), "secret\n");
    const symbols = [join(folder, "other.elf")];
    assert.equal(
      sourcesIn(folder, symbols).map(({ name }) => name),
      ["demo/link.c"],
    );
  }));

test("given more sources than a page holds, then those that come first are there", () => {
  const source = (index: number, byteLength: number): SourceFile => ({
    ...{ name: String(index), path: String(index), byteLength },
  });
  const many = Array.from({ length: MAX_SOURCES + 1 }, (_, index) => source(index, 1));
  assert.is(withinBounds(many).length, MAX_SOURCES);
  const large = [source(0, MAX_SOURCES_BYTES - 1), source(1, 2), source(2, 1)];
  assert.equal(
    withinBounds(large).map(({ name }) => name),
    ["0", "2"],
  );
});

test.run();
