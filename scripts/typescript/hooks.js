// How Node finds and loads a TypeScript module: `./a.js` is `./a.ts` where that is the file, and what is loaded is what
// esbuild makes of it. (https://nodejs.org/docs/latest-v20.x/api/module.html#customization-hooks)
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { compiled } from "./compiled.js";

const IS_PATH = /^(?:\.\.?\/|file:).*\.js$/;
const IS_TYPESCRIPT = /\.m?ts$/;

/** @type {import("node:module").ResolveHook} */
export const resolve = (specifier, context, next) => {
  if (!IS_PATH.test(specifier)) return next(specifier, context);
  const source = new URL(specifier.replace(/\.js$/, ".ts"), context.parentURL);
  return existsSync(source) ? { url: source.href, format: "module", shortCircuit: true } : next(specifier, context);
};

/** @type {import("node:module").LoadHook} */
export const load = (url, context, next) => {
  if (!IS_TYPESCRIPT.test(url)) return next(url, context);
  const path = fileURLToPath(url);
  return { format: "module", source: compiled(path, readFileSync(path, "utf8")), shortCircuit: true };
};
