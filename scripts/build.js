// Builds src to dist: the library as modules with their types (only what changed since the last build, and without
// leftovers of sources that are gone), the command as one file, the machine alone as one for browsers, and the page
// with its worker. Plain JavaScript: it runs before anything is compiled.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tsc = join(root, "node_modules/typescript-native/bin/tsc");
/** In dist, and made of no single source. */
const BUNDLES = ["command", "browser", "web"];
const WEBASSEMBLY_NAMES = "webassembly-names.d.ts";
const VITEST_MATCHERS = "vitest-matchers.d.ts";

/** Removes what dist holds of a source that is no more, so that nothing can import it by mistake. */
const sweep = () => {
  if (!existsSync(join(root, "dist"))) return;
  for (const entry of readdirSync(join(root, "dist"), { recursive: true, encoding: "utf8" })) {
    if (BUNDLES.some((folder) => entry.startsWith(folder))) continue;
    const source = /^(.*?)\.(?:d\.ts|js|js\.map)$/.exec(entry)?.[1];
    if (source !== undefined && !existsSync(join(root, "src", `${source}.ts`))) rmSync(join(root, "dist", entry));
  }
};

/**
 * Programs without the library "DOM" have no names for WebAssembly's types: the package brings them, for each of its
 * entries.
 */
const nameWebAssembly = () => {
  copyFileSync(join(root, "types", WEBASSEMBLY_NAMES), join(root, "dist", WEBASSEMBLY_NAMES));
  for (const [entry, path] of [
    ["index.d.ts", `./${WEBASSEMBLY_NAMES}`],
    ["machine/index.d.ts", `../${WEBASSEMBLY_NAMES}`],
    ["node-test.d.ts", `./${WEBASSEMBLY_NAMES}`],
    ["vitest.d.ts", `./${WEBASSEMBLY_NAMES}`],
  ]) {
    const file = join(root, "dist", entry ?? "");
    const reference = `/// <reference path="${path ?? ""}" />\n`;
    const declarations = readFileSync(file, "utf8");
    if (!declarations.startsWith(reference)) writeFileSync(file, reference + declarations);
  }
};

/** What the entry for vitest adds to vitest's own types. */
const nameMatchers = () => {
  copyFileSync(join(root, "types/vitest", VITEST_MATCHERS), join(root, "dist", VITEST_MATCHERS));
  const file = join(root, "dist/vitest.d.ts");
  const line = 'import "./vitest-matchers.js";\n';
  const declarations = readFileSync(file, "utf8");
  if (!declarations.includes(line)) writeFileSync(file, declarations + line);
};

/**
 * The command in one file: 200 modules are slow to find and to load, and most of rxjs is never used. The machine in one
 * file, with the packages that it needs: a page can import it as it is.
 */
const bundle = async () => {
  say("the command: dist/command (2 of 3)");
  const { build } = await import("esbuild");
  /** @type {import("esbuild").BuildOptions} */
  const options = {
    absWorkingDir: root,
    bundle: true,
    format: "esm",
    // The packages' ES modules, of which only what is used comes along; for Node they offer CommonJS.
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["es2015", "module"],
    alias: { "fp-ts/lib": "fp-ts/es6" },
    // Immer asks at each step otherwise, and a browser has no answer.
    define: { "process.env.NODE_ENV": '"production"' },
    // Names stay as they are: a report of a fault of ours shows them.
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: "warning",
  };
  const { metafile } = await build({
    ...options,
    entryPoints: { foldvm: "dist/cli/main.js" },
    outdir: "dist/command",
    entryNames: "[name]-[hash]",
    outExtension: { ".js": ".cjs" },
    metafile: true,
    // As one script, so that V8's compiled code of it can be kept.
    format: "cjs",
    target: "node20",
    // Some packages name modules of Node's in the old way. The SDK is brought by who wants it.
    external: ["node:*", ...builtinModules, "@modelcontextprotocol/sdk"],
    define: { ...options.define, "import.meta.url": "importMetaUrl" },
    banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
  });
  keepCompiled(basename(Object.keys(metafile.outputs)[0] ?? "", ".cjs"));
  await build({
    ...options,
    entryPoints: { machine: "dist/machine/index.js" },
    outdir: "dist/browser",
    target: "es2023",
  });
  say("the page: dist/web (3 of 3)");
  await bundlePage(build, options);
};

/** The page and its worker. They are scripts, not modules: a page from disk may load none. */
const bundlePage = async (
  /** @type {typeof import("esbuild").build} */ build,
  /** @type {import("esbuild").BuildOptions} */ options,
) => {
  await build({
    ...options,
    entryPoints: { page: "web/shell/main.ts", worker: "web/worker/worker.ts", style: "web/ui/page.css" },
    outdir: "dist/web",
    format: "iife",
    target: "es2023",
    minify: true,
    // A fault of ours is read by its names, too.
    minifyIdentifiers: false,
    legalComments: "none",
    external: ["node:*"],
  });
};

/** Makes this bundle the present one. The code that V8 compiles of it is kept where there is none yet. */
const keepCompiled = (/** @type {string} */ name) => {
  const folder = join(root, "dist/command");
  writeFileSync(join(folder, "current"), name);
  for (const entry of readdirSync(folder)) {
    if (entry !== "current" && !entry.startsWith(`${name}.`)) rmSync(join(folder, entry));
  }
  if (existsSync(join(folder, `${name}.cache`))) return;
  const { status, stderr } = spawnSync(process.execPath, [join(root, "scripts/code-cache.js")], {
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  // Without it the command starts more slowly, and that is all.
  if (status !== 0) process.stderr.write(`no code cache was made: ${stderr}\n`);
};

if (!existsSync(tsc)) {
  process.stderr.write(
    "The compiler is not installed: run  npm ci  (with development packages), then  npm run build\n",
  );
  process.exit(1);
}
/** The first time it may take minutes on a busy machine; later only what changed is compiled. */
const isFirst = !existsSync(join(root, "dist/command/current"));
const say = (/** @type {string} */ what) => isFirst && process.stderr.write(`foldvm: building ${what}\n`);

sweep();
say("the library: dist (1 of 3; types are checked)");
// The record of the last build lies in dist, so that removing dist forgets it too.
const result = spawnSync(process.execPath, [tsc, "--project", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
process.exitCode = result.status ?? 1;
if (process.exitCode === 0) {
  nameWebAssembly();
  nameMatchers();
  await bundle();
}
