/** The payload of a segment that holds JSON. */
import type { LogErrorCode } from "./log-error.js";
import { LogError } from "./log-error.js";
import { rawOf, type Segment } from "./segment-walk.js";

/** Throws LogError `code` for what is no JSON in UTF-8. */
export const jsonOf = (segment: Segment, code: LogErrorCode): unknown => {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(rawOf(segment)));
  } catch (error) {
    if (error instanceof LogError) throw error;
    throw new LogError(code, "its contents are no JSON", segment.place, { cause: error });
  }
};
