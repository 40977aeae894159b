import { lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { writeWhole } from "../../../src/streams/host/whole-file.js";
import { withTemporaryFolder } from "../../support/temporary-folder.js";

const write = (file: number): number => writeSync(file, "new");

test("given an old file, when the new one fails half way, then the old one is there, and nothing beside it", () =>
  withTemporaryFolder((folder) => {
    const path = join(folder, "a");
    writeFileSync(path, "old");
    const fails = (file: number): void => {
      write(file);
      assert.is(readFileSync(path, "utf8"), "old");
      throw new Error("half way");
    };
    assert.throws(() => {
      writeWhole(path, true, fails);
    }, /half way/);
    assert.is(readFileSync(path, "utf8"), "old");
    assert.equal(readdirSync(folder), ["a"]);
  }));

test("given a file that may not be overwritten, when written to, then it is refused before anything is written", () =>
  withTemporaryFolder((folder) => {
    const path = join(folder, "a");
    writeFileSync(path, "old");
    assert.throws(() => writeWhole(path, false, () => assert.unreachable()), /exists already; .*--force/);
  }));

test("given a file that appears while another is written, when that is complete, then the first one stays", () =>
  withTemporaryFolder((folder) => {
    const path = join(folder, "a");
    const late = (file: number): void => {
      write(file);
      writeFileSync(path, "another's");
    };
    assert.throws(() => {
      writeWhole(path, false, late);
    }, /exists already/);
    assert.is(readFileSync(path, "utf8"), "another's");
    assert.equal(readdirSync(folder), ["a"]);
  }));

test("given a symbolic link, when written to, then the file that it leads to is new, and the link stays", () =>
  withTemporaryFolder((folder) => {
    const [path, link] = [join(folder, "a"), join(folder, "link")];
    writeFileSync(path, "old");
    symlinkSync(path, link);
    writeWhole(link, true, write);
    assert.is(readFileSync(path, "utf8"), "new");
    assert.ok(lstatSync(link).isSymbolicLink());
  }));

test("given a device, when written to, then nothing of it could be overwritten, and it is written to directly", () => {
  assert.is(writeWhole("/dev/null", false, write), 3);
});

test.run();
