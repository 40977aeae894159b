// The JavaScript of a TypeScript file, kept from run to run: one file beside the packages for each source.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const CACHE = join(root, "node_modules/.cache/foldvm/typescript");
const require = createRequire(import.meta.url);

/**
 * Not `keepNames`: it gives each function its name again whenever one is made, which took a third of the tests' time.
 *
 * @type {import("esbuild").TransformOptions}
 */
const OPTIONS = { loader: "ts", format: "esm", target: "node20", sourcemap: "inline", sourcesContent: false };
const { version } = /** @type {{ version: string }} */ (require("esbuild/package.json"));

/** What decides about the JavaScript stands at its end. */
const stampOf = (/** @type {string} */ source) =>
  `\n//${createHash("sha256")
    .update(JSON.stringify([version, OPTIONS, source]))
    .digest("hex")}\n`;

export const compiled = (/** @type {string} */ path, /** @type {string} */ source) => {
  const inRoot = relative(root, path);
  // What a test has written for itself comes once.
  if (/^(?:\.\.|node_modules)[/\\]/.test(inRoot)) return compile(path, source);
  const kept = join(CACHE, `${inRoot}.js`);
  const stamp = stampOf(source);
  const before = read(kept);
  if (before?.endsWith(stamp)) return before;
  const code = compile(path, source) + stamp;
  keep(kept, code);
  return code;
};

/** Loads esbuild only here: where all is kept already, nothing waits for it. */
const compile = (/** @type {string} */ path, /** @type {string} */ source) => {
  const { transformSync } = /** @type {typeof import("esbuild")} */ (require("esbuild"));
  return transformSync(source, { ...OPTIONS, sourcefile: basename(path) }).code;
};

const read = (/** @type {string} */ path) => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};

/** Other processes may do the same now, and must never see half of it. */
const keep = (/** @type {string} */ path, /** @type {string} */ code) => {
  const temporary = `${path}.${String(process.pid)}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(temporary, code);
  renameSync(temporary, path);
};
