// Packs foldvm as npm would publish it, and installs the tarball into a folder of its own: what a user gets, not what a
// checkout has.
import { execFile } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { isBuilt } from "./is-built.js";

const run = promisify(execFile);
const root = dirname(dirname(fileURLToPath(import.meta.url)));

export interface InstalledPackage {
  /** The project that has foldvm installed; a program in it can import "foldvm". */
  project: string;
  /** Paths inside the tarball, sorted. */
  files: string[];
}

/**
 * Uses `folder`, which must exist and be empty. Rejects with npm's own words when a step fails; needs npm and its cache
 * or a network. `others`: packages beside it, as npm names them.
 */
export const packAndInstall = async (folder: string, others: readonly string[] = []): Promise<InstalledPackage> => {
  // Its script builds.
  await npm(root, ["pack", "--pack-destination", folder, ...(isBuilt() ? ["--ignore-scripts"] : [])]);
  const tarball = (await readdir(folder)).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error(`npm pack left no tarball in ${folder}`);
  const project = join(folder, "project");
  await mkdir(project);
  await writeFile(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
  await npm(project, ["install", "--ignore-scripts", "--prefer-offline", join(folder, tarball), ...others]);
  const installed = join(project, "node_modules/foldvm");
  const entries = await readdir(installed, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return { project, files: paths.map((path) => path.slice(installed.length + 1).replaceAll("\\", "/")).sort() };
};

const npm = async (cwd: string, args: readonly string[]): Promise<void> => {
  await run("npm", [...args, "--no-audit", "--no-fund", "--loglevel=error"], { cwd, env: withoutNpmSettings() });
};

/** `npm test` hands its own settings down as npm_*, and they would count for the other project too. */
const withoutNpmSettings = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_/i.test(name) || /^npm_config_(?:cache|registry)$/i.test(name),
    ),
  );
