/** The page's own files, as the build made them. */
import { existsSync, readFileSync } from "node:fs";

import { packageFile } from "../host/package-files.js";
import { PageExportError } from "./page-error.js";

export type PageScript = "page.js" | "worker.js" | "style.css";

/** @throws {PageExportError} */
export function pageFile(name: PageScript): string {
  const path = packageFile(`dist/web/${name}`);
  if (existsSync(path)) return readFileSync(path, "utf8");
  throw new PageExportError(`${path} is missing: run  npm run build  first`);
}
