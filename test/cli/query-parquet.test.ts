// Rows of a question as a Parquet file: whole or not at all, and none is overwritten unasked.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { parquetMetadata } from "hyparquet";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { withTemporaryFolder } from "../support/temporary-folder.js";
import { foldvm } from "./command-line.js";
import { signalled, withLongRecording } from "./long-recording.js";

const ASKED = ["query", "logs/session.fold", "traps", "mei"];
const rowsIn = (path: string): number => Number(parquetMetadata(new Uint8Array(readFileSync(path)).buffer).num_rows);

test("given a question, when its rows go to a file, then they are all in it, or as many as were asked for", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "traps.parquet");
    const all = await foldvm([...ASKED, "--parquet", path]);
    assert.is(all.code, 0, all.stderr);
    assert.match(all.stderr, `${String(rowsIn(path))} rows: ${path}, `);
    assert.is((await foldvm([...ASKED, "--parquet", path, "--limit", "7", "--force"])).code, 0);
    assert.is(rowsIn(path), 7);
    assert.is((await foldvm([...ASKED, "--parquet", path, "--last", "--force"])).code, 0);
    assert.is(rowsIn(path), 1);
  }));

test("given a file that is there, then it is kept", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "mine");
    writeFileSync(path, "mine");
    const { code, stderr } = await foldvm([...ASKED, "--parquet", path]);
    assert.is(code, 73);
    assert.match(stderr, /mine exists already.*--force/);
    assert.is(readFileSync(path, "utf8"), "mine");
  }));

test("given standard output as a file, then it is refused before anything is done", async () => {
  for (const form of ["--parquet", "--svg"]) {
    const { code, stderr } = await foldvm([...ASKED, form, "-"]);
    assert.is(code, 2);
    assert.match(stderr, `${form} -: it goes to no pipe; name a file`);
  }
  assert.is(existsSync("-"), false);
});

test("given a place that can't be asked about, then there is no file, and the message is the question's", () =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "none.parquet");
    const { code, stderr } = await foldvm(["query", "logs/session.fold", "writes", "nothing", "--parquet", path]);
    assert.is(code, 2);
    assert.match(stderr, /nothing/);
    assert.equal([existsSync(path), readdirSync(folder)], [false, []]);
  }));

test("given a signal on the way, then the command ends by it and leaves no file", () =>
  withLongRecording(async (recording, folder) => {
    const words = ["query", recording, "visits", "0x80000000", "--parquet", join(folder, "rows")];
    assert.is((await signalled(words, "SIGTERM")).code, 143);
    assert.equal(readdirSync(folder).sort(), ["kernel", "long.fold"]);
  }));

test.run();
