/** A recording that takes a while to search: a second of a guest that spins. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import * as assert from "uvu/assert";

import { withTemporaryFolder } from "../support/temporary-folder.js";
import { spinning } from "../support/tiny-guests.js";
import { foldvm, testStdio, type Answer } from "./command-line.js";

/** Beside it in its folder is its kernel. */
export const withLongRecording = (work: (path: string, folder: string) => Promise<void>): Promise<void> =>
  withTemporaryFolder(async (folder) => {
    const [kernel, path] = [join(folder, "kernel"), join(folder, "long.fold")];
    writeFileSync(kernel, spinning());
    const words = ["record", "-o", path, "--kernel", kernel, "-m", "2M", "--seed", "x", "--timeout", "1"];
    assert.is((await foldvm(words)).code, 42);
    await work(path, folder);
  });

/** A command that gets the signal as soon as it can take one. */
export async function signalled(words: readonly string[], signal: "SIGINT" | "SIGTERM"): Promise<Answer> {
  const stdio = testStdio();
  const answer = foldvm(words, stdio);
  const signals = setInterval(() => {
    stdio.signal(signal);
  }, 1);
  return answer.finally(() => {
    clearInterval(signals);
  });
}
