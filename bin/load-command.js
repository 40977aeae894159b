// Loads the bundled command, with the bytecode that V8 made of it when it was built: to compile it anew at each start
// would take a quarter of the time until the guest runs. Modules in this folder are CommonJS (its package.json): Node
// loads those without what it needs for ES modules.
const { readFileSync } = require("node:fs");
const path = require("node:path");
const { Script } = require("node:vm");

/** @typedef {(argv: readonly string[]) => Promise<number>} Main */

const folder = path.join(__dirname, "../dist/command");

/** Undefined where the file is not there. */
const read = (/** @type {string} */ file) => {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
};

/**
 * Undefined where nothing is built. The file's name holds a digest of what is in it, and so does that of its cache: V8
 * compares versions and lengths, but not the code. A cache of another version of V8 is not used.
 * @returns {{ script: Script, main: Main, cachePath: string } | undefined}
 */
function loadCommand() {
  const name = read(path.join(folder, "current"))?.toString();
  const file = path.join(folder, `${name ?? ""}.cjs`);
  // It is ASCII, which esbuild writes where it is not told otherwise.
  const source = name === undefined ? undefined : read(file)?.toString("latin1");
  if (source === undefined) return undefined;
  const cachePath = path.join(folder, `${name ?? ""}.cache`);
  const cachedData = read(cachePath);
  const script = new Script(`(function (exports, require, module, __filename) {${source}\n})`, {
    // A name alone: V8 keeps it with the compiled code, and a stack trace would show the path of who packed it.
    filename: path.basename(file),
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  /** @type {{ exports: { main?: Main } }} */
  const bundle = { exports: {} };
  /** @type {unknown} */
  const evaluated = script.runInThisContext();
  const wrapped = /** @type {(...values: readonly unknown[]) => void} */ (evaluated);
  wrapped(bundle.exports, require, bundle, file);
  const { main } = bundle.exports;
  if (main === undefined) throw new Error(`${file} exports no main`);
  return { script, main, cachePath };
}

module.exports = { loadCommand };
