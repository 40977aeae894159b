/** Which recordings a folder has. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_FOLDER_RECORDINGS, recordingsIn } from "../../../../src/streams/session/verify/recordings-in.js";
import { withTemporaryFolder } from "../../../support/temporary-folder.js";

test("given a folder with folders, when its recordings are listed, then they come by name, and nothing else does", () =>
  withTemporaryFolder((folder) => {
    mkdirSync(join(folder, "b/c.fold"), { recursive: true });
    for (const name of ["z.fold", "a.fold", "b/d.fold", "b/c.fold/e.fold", "notes.txt"])
      writeFileSync(join(folder, name), "");
    assert.equal(
      recordingsIn(folder),
      ["a.fold", "b/c.fold/e.fold", "b/d.fold", "z.fold"].map((name) => join(folder, name)),
    );
  }));

test("given a folder without recordings, or with one more than are verified, when they are listed, then it is refused", () =>
  withTemporaryFolder((folder) => {
    assert.throws(() => recordingsIn(folder), /has no recording \(\*\.fold\) in it/);
    for (let count = 0; count < MAX_FOLDER_RECORDINGS; count += 1)
      writeFileSync(join(folder, `${String(count)}.fold`), "");
    assert.is(recordingsIn(folder).length, MAX_FOLDER_RECORDINGS);
    writeFileSync(join(folder, "more.fold"), "");
    assert.throws(() => recordingsIn(folder), /has 10001 recordings; at most 10000/);
  }));

test.run();
