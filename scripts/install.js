// Installs the packages of package-lock.json where they are missing or older than it. Plain JavaScript without imports
// from node_modules, since it runs before there are any.
import { spawnSync } from "node:child_process";
import { statSync, utimesSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// npm writes this file last, so an installation that was cut short counts as missing.
const installed = `${root}/node_modules/.package-lock.json`;

const modifiedMs = (/** @type {string} */ path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs;

const major = Number(process.versions.node.split(".")[0]);
if (major < 20) {
  process.stderr.write(`foldvm needs Node 20 or newer; this is ${process.version}.\n`);
  process.exit(1);
}

const installedMs = modifiedMs(installed);
if (installedMs === undefined || installedMs < (modifiedMs(`${root}/package-lock.json`) ?? 0)) {
  process.stdout.write("installing packages (npm ci) ... ");
  const startMs = performance.now();
  // The scripts that this skips are checks that need no run.
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const npmCli = process.env["npm_execpath"];
  const [command, commandArgs] = npmCli?.endsWith(".js") ? [process.execPath, [npmCli, ...args]] : ["npm", args];
  const result = spawnSync(command, commandArgs, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  if (result.status !== 0) {
    process.stdout.write("failed\n");
    process.stderr.write(
      `${result.stdout ?? ""}${result.stderr ?? ""}${result.error ? `${result.error.message}\n` : ""}`,
    );
    process.stderr.write("npm ci did not succeed: is there a network, and does package-lock.json fit package.json?\n");
    process.exit(1);
  }
  const now = new Date();
  utimesSync(installed, now, now);
  process.stdout.write(`${((performance.now() - startMs) / 1000).toFixed(1)} s\n`);
}
