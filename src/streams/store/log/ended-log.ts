/** A recording that is still made, as if it had ended where its machine stands: that is behind its last event. */
import type { LogEnd } from "./end.js";
import type { Log } from "./reader.js";

export const endedAt = (log: Log, end: LogEnd): Log => ({ ...log, end, truncated: undefined });
