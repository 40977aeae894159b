// Loads the bundled command, with the bytecode that V8 made of it when it was built: to compile it anew at each start would take a
// quarter of the time until the guest runs.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";

/** @typedef {(argv: readonly string[]) => Promise<number>} Main */

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "dist/command");

/** Undefined where the file is not there. */
const read = (/** @type {string} */ path) => {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
};

/**
 * Undefined where nothing is built. The file's name holds a digest of what is in it, and so does that of its cache: V8 compares
 * versions and lengths, but not the code. A cache of another version of V8 is not used.
 * @returns {{ script: Script, main: Main, cachePath: string } | undefined}
 */
export function loadCommand() {
  const name = read(join(folder, "current"))?.toString();
  const path = join(folder, `${name ?? ""}.cjs`);
  const source = name === undefined ? undefined : read(path)?.toString();
  if (source === undefined) return undefined;
  const cachePath = join(folder, `${name ?? ""}.cache`);
  const cachedData = read(cachePath);
  const script = new Script(`(function (exports, require, module, __filename) {${source}\n})`, {
    filename: path,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  /** @type {{ exports: { main?: Main } }} */
  const module = { exports: {} };
  /** @type {unknown} */
  const evaluated = script.runInThisContext();
  const wrapped = /** @type {(...values: readonly unknown[]) => void} */ (evaluated);
  wrapped(module.exports, createRequire(path), module, path);
  const { main } = module.exports;
  if (main === undefined) throw new Error(`${path} exports no main`);
  return { script, main, cachePath };
}
