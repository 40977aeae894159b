// What is no regular file is neither waited for nor read from, wherever a file is read at any place.
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { TYPESCRIPT } from "../../../scripts/typescript/node-words.js";
import { withTemporaryFolder } from "../../support/temporary-folder.js";

/** In a process of its own, since one that waits for a fifo does nothing else. */
const evaluated = (module: string, expression: string): string => {
  const { stdout, error } = spawnSync(
    process.execPath,
    [
      ...TYPESCRIPT,
      "--input-type=module",
      "-e",
      `import * as tried from ${JSON.stringify(new URL(`../../../src/streams/host/${module}`, import.meta.url).href)};
       try { console.log(JSON.stringify(${expression})); } catch (fault) { console.log(fault.message); }`,
    ],
    { encoding: "utf8", timeout: 20_000 },
  );
  return error === undefined ? stdout.trim() : error.message;
};

test("given a fifo that nobody writes to, when an image, a recording or a file's kind is read from it, then nothing waits", () =>
  withTemporaryFolder((folder) => {
    const fifo = join(folder, "fifo");
    execFileSync("mkfifo", [fifo]);
    const path = JSON.stringify(fifo);
    const refusal = "it is no regular file, but a pipe, a device or a folder";
    assert.is(
      evaluated("disks/image-file.ts", `new tried.ImageFile(${path})`),
      `can't read the disk image ${fifo}: ${refusal}`,
    );
    assert.is(evaluated("file-source.ts", `tried.fileSource(${path})`), `${fifo} can't be read: ${refusal}`);
    assert.is(evaluated("file-kind.ts", `[...tried.beginningOf(${path})]`), "[]");
  }));

test("given a pipe that has bytes, when its kind is asked for, then whoever reads it next misses none", () =>
  withTemporaryFolder((folder) => {
    const fifo = join(folder, "fifo");
    execFileSync("mkfifo", [fifo]);
    const path = JSON.stringify(fifo);
    // Opened for both, it waits for nobody and keeps what is written.
    const script = `await (async () => { const { openSync, writeSync, readSync } = await import("node:fs");
      const held = openSync(${path}, "r+"); writeSync(held, "all of it");
      const kept = tried.beginningOf(${path}).length; const bytes = Buffer.alloc(20);
      return [kept, bytes.toString("latin1", 0, readSync(held, bytes))]; })()`;
    assert.is(evaluated("file-kind.ts", script), '[0,"all of it"]');
  }));

test.run();
