// Whether dist is of the sources as they are.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const SOURCES = ["src", "types", "web"];

/** In this repository, from its root. */
export const isBuilt = (): boolean => {
  // Each build writes it anew.
  const built = statSync("dist/command/current", { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return SOURCES.every((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).every(
      (path) => statSync(join(folder, path)).mtimeMs < built,
    ),
  );
};
