/** Breaks one line in a copy of the repository, and sees whether its test turns red there. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";

import type { Mutant } from "./table.js";

/**
 * `killed`: a test turned red, as it should. `survived`: none did. `stale`: the row fits the sources no more; `detail`
 * says how.
 */
export interface Verdict {
  readonly outcome: "killed" | "survived" | "stale";
  readonly detail: string;
}

export function tryMutant(mutant: Mutant): Verdict {
  const source = readFileSync(mutant.file, "utf8");
  const places = source.split(mutant.find).length - 1;
  if (places !== 1) {
    return { outcome: "stale", detail: `${mutant.file} has ${JSON.stringify(mutant.find)} ${String(places)} times` };
  }
  return inCopy((folder) => {
    writeFileSync(
      join(folder, mutant.file),
      source.replace(mutant.find, () => mutant.replace),
    );
    const command = ["--import", "./scripts/typescript/register.js", "scripts/test.ts", mutant.test];
    const { stdout } = spawnSync(process.execPath, command, {
      cwd: folder,
      encoding: "utf8",
      maxBuffer: MAX_OUTPUT_BYTES,
    });
    const [, passed = "0", failed = "0"] =
      /^(\d+) passed, (\d+) failed/m.exec(stdout.split("\n").slice(-3).join("\n")) ?? [];
    // What can't be loaded, or is not there, guards nothing.
    if (/the file itself threw|no test file matches/.test(stdout)) return { outcome: "stale", detail: stdout };
    return { outcome: failed === "0" ? "survived" : "killed", detail: `${passed} passed, ${failed} failed` };
  });
}

/** The tree itself is never touched: other tests may be reading it. */
function inCopy<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "foldvm-mutant-"));
  try {
    cpSync(".", folder, {
      recursive: true,
      // They say whether dist is of the sources.
      preserveTimestamps: true,
      filter: (path) => !NOT_COPIED.includes(relative(".", path)),
    });
    symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A failing comparison may print all that it compared. */
const MAX_OUTPUT_BYTES = 1 << 28;
const NOT_COPIED = [".git", "node_modules"];
