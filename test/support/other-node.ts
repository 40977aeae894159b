// Another version of Node, from npm's registry: the newest that the project is for, or the oldest where the tests run
// on the newest.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";

import { cacheDirectory } from "../../scripts/debian/cache-directory.js";
import { requires, skip } from "./requires.js";

const OLDEST = 20;
const NEWEST = 26;
const own = Number(process.versions.node.split(".")[0]);
export const OTHER_MAJOR = own === NEWEST ? OLDEST : NEWEST;

/**
 * A program of that version: kept in the cache, else brought by npm. As `requires`: undefined where it can't be had.
 */
export const requiresOtherNode = (name: string): string | undefined => {
  if (!requires(name, ["npm"])) return undefined;
  const architecture = `node-${process.platform}-${process.arch}`;
  const folder = join(cacheDirectory(), "node", String(OTHER_MAJOR));
  const program = join(folder, "node_modules", architecture, "bin", "node");
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  // The package is the program alone; no script of it runs.
  const words = ["install", "--prefix", folder, "--no-save", "--no-package-lock", "--no-audit", "--no-fund"];
  try {
    execFileSync("npm", [...words, "--ignore-scripts", `${architecture}@${String(OTHER_MAJOR)}`], { stdio: "pipe" });
  } catch (fault) {
    skip(name, `npm brings no ${architecture}@${String(OTHER_MAJOR)}: ${String(fault)}`);
    return undefined;
  }
  return program;
};

export const OWN_NODE = process.execPath;

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs it in this folder. `output` is all that it wrote. */
export const runNode = (program: string, words: readonly string[]): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, words, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (bytes: Buffer) => (output += bytes.toString()));
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, output });
    });
  });
