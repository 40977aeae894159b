/** The files that this package ships beside its code, from wherever the code runs: sources, modules or the bundled command. */
import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The path of a file of the package, given from its root. */
export const packageFile = (path: string): string => join((root ??= packageRoot()), path);

/** A path relative to the working directory, where it lies below that. */
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
