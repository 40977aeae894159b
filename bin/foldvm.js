#!/usr/bin/env node
// The foldvm command: everything it does is in src/cli, built into one file.
import { existsSync } from "node:fs";

const main = new URL("../dist/command/foldvm.js", import.meta.url);

if (existsSync(main)) {
  /** @type {unknown} */
  const cli = await import(main.href);
  const { main: run } = /** @type {{ main: (argv: readonly string[]) => number | Promise<number> }} */ (cli);
  process.exitCode = await run(process.argv.slice(2));
} else {
  process.stderr.write(
    "foldvm is not built in this checkout. Run this in its folder first:  npm ci && npm run build\n",
  );
  process.exitCode = 1;
}
