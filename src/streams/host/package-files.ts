/** Finds files of this package from any place that its code runs from: sources, modules or the bundled command. */
import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** `path` is relative to the package's root. */
export const packageFile = (path: string): string => join((root ??= packageRoot()), path);

/** Makes a path relative if it lies below the working directory. */
export function fromHere(path: string): string {
  const shown = relative("", path);
  return shown === "" || shown.startsWith("..") ? path : shown;
}

let root: string | undefined;

const packageRoot = (): string => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error("foldvm's package.json is missing: install the package anew");
    folder = parent;
  }
  return folder;
};
