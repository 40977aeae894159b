/** A recording that takes a while to search: a second of a guest that spins. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import * as assert from "uvu/assert";

import { withTemporaryFolder } from "../support/temporary-folder.js";
import { spinning } from "../support/tiny-guests.js";
import { foldvm } from "./command-line.js";

export const withLongRecording = (work: (path: string) => Promise<void>): Promise<void> =>
  withTemporaryFolder(async (folder) => {
    const [kernel, path] = [join(folder, "kernel"), join(folder, "long.fold")];
    writeFileSync(kernel, spinning());
    const words = ["record", "-o", path, "--kernel", kernel, "-m", "2M", "--seed", "x", "--timeout", "1"];
    assert.is((await foldvm(words)).code, 42);
    await work(path);
  });
