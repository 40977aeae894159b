/**
 * Programs of the sources as one file each: a process that compiles and loads 600 modules takes seconds to start. What
 * such a program finds by its own place (`import.meta.url`) it does not find there.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

import { buildSync } from "esbuild";

/** Where imports of packages are found. */
const CACHE = resolve("node_modules/.cache/foldvm");

let folder: string | undefined;
const made = new Map<string, string>();

/** The path of that program, made once a test process. */
export function bundled(source: string): string {
  const known = made.get(source);
  if (known !== undefined) return known;
  const outfile = join((folder ??= ownFolder()), `${String(made.size)}.mjs`);
  buildSync({
    ...{ entryPoints: [source], outfile, bundle: true, packages: "external" },
    ...{ platform: "node", format: "esm", target: "node20", logLevel: "warning" },
  });
  made.set(source, outfile);
  return outfile;
}

function ownFolder(): string {
  mkdirSync(CACHE, { recursive: true });
  // By its real name, which is what `import.meta.url` says there.
  const path = realpathSync(mkdtempSync(join(CACHE, "bundled-")));
  process.once("exit", () => {
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}
