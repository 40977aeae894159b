/** A script from a file, which knows the line of each of its steps. */
import { ImageError } from "../host/images.js";
import { readWholeFile } from "../host/read-file.js";
import { reasonOf } from "../host/reason.js";
import { linesOfSteps, parseScript } from "../live/script-file.js";
import { ScriptError, type ScriptStep } from "../live/script.js";

export { ScriptError };

export interface SessionScript {
  readonly steps: readonly ScriptStep[];
  /** What is wrong, with file and line. */
  readonly explain: (error: ScriptError) => string;
}

/** @throws {ImageError} where it can't be read. @throws {ScriptError} where it is no script. */
export function readScript(path: string): SessionScript {
  const text = readText(path);
  const named = (error: unknown): unknown =>
    error instanceof ScriptError ? new ScriptError(error.code, `${path}: ${error.message}`, error.step) : error;
  try {
    const steps = parseScript(text);
    const lines = linesOfSteps(text);
    return { steps, explain: ({ step, message }) => `${path}:${String(lines[step - 1] ?? 0)}: ${message}` };
  } catch (error) {
    throw named(error);
  }
}

/** What is read and split into lines at once. The steps have bounds of their own. */
export const MAX_SCRIPT_BYTES = 1 << 26;

function readText(path: string): string {
  const refuse = (why: string): ScriptError => new ScriptError("INVALID_SCRIPT", `the script ${path} ${why}`, 1);
  let bytes: Uint8Array;
  try {
    bytes = readWholeFile(path, { maxBytes: MAX_SCRIPT_BYTES });
  } catch (cause) {
    throw new ImageError("IMAGE_UNREADABLE", `can't read the script ${path}: ${reasonOf(cause)}`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw refuse("is no text in UTF-8");
  }
}
