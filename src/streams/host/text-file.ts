/** A text as a file, which is replaced where it is there: a report. */
import { writeFileSync } from "node:fs";

import { OutputError } from "./output-error.js";
import { writeWhole } from "./whole-file.js";

/** @throws {OutputError} */
export function writeTextFile(path: string, text: string): void {
  try {
    writeWhole(path, true, (file) => {
      writeFileSync(file, text);
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OutputError(`${path} can't be written: ${reason}; name another file`, { cause });
  }
}
