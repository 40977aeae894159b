/** The version of this package. */
import { readFileSync } from "node:fs";

import { packageFile } from "./package-files.js";

export const version = (): string => {
  const text = readFileSync(packageFile("package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
};
