import { spawnSync } from "node:child_process";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_SCRIPT_BYTES, readScript } from "../../../src/streams/session/script-file.js";
import { ImageError } from "../../../src/streams/host/images.js";
import { withTemporaryFolder } from "../../support/temporary-folder.js";

const messageOf = (path: string): string => {
  try {
    readScript(path);
  } catch (fault) {
    assert.instance(fault, ImageError);
    return (fault as ImageError).message;
  }
  return "";
};

test("given a script of the most bytes, when it is read, then its steps are there; of one more, then it is refused", () =>
  withTemporaryFolder((folder) => {
    const path = join(folder, "long.txt");
    // The rest of the file is one comment.
    writeFileSync(path, 'wait "login: "\n# ');
    truncateSync(path, MAX_SCRIPT_BYTES);
    assert.equal(readScript(path).steps, [{ wait: "login: " }]);
    truncateSync(path, MAX_SCRIPT_BYTES + 1);
    assert.is(messageOf(path), `can't read the script ${path}: it has more than ${String(MAX_SCRIPT_BYTES)} bytes`);
  }));

test("given a device without an end, when it is read as a script, then it is refused", () => {
  assert.match(messageOf("/dev/zero"), "it has more than");
});

test("given a named pipe, when a script comes through it, then its steps are there", () =>
  withTemporaryFolder((folder) => {
    const path = join(folder, "pipe");
    assert.is(spawnSync("mkfifo", [path]).status, 0);
    spawnSync("sh", ["-c", 'printf \'type "a"\\n\' > "$0" &', path], { stdio: "ignore" });
    assert.equal(readScript(path).steps, [{ type: "a" }]);
  }));

test.run();
