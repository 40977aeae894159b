/**
 * The content of a recording's last segment: where the run ended, in which state, and why. A recording without it was
 * cut off.
 */
import { isLeft } from "fp-ts/lib/Either.js";
import * as t from "io-ts";

import { Count, Text, U64 } from "../../../reducers/scalars.js";
import { canonicalJson } from "./canonical-json.js";
import { DecimalU64 } from "./json-scalars.js";
import type { LogPlace } from "./log-error.js";
import { LogError } from "./log-error.js";

/** The cause of an end at which the guest was still on. */
export const STOPPED = "stopped";

const End = t.readonly(
  t.type({
    /** Instructions retired at the end of the run. The last event may lie before. */
    icount: Count,
    /** The last event. 0 if there are none. */
    seq: Count,
    /** The hash of the whole state. */
    hash: U64,
    cause: Text,
  }),
);
export type LogEnd = t.TypeOf<typeof End>;

/** Throws LogError INVALID_END. */
export const encodeEnd = (end: LogEnd): Uint8Array => {
  if (!End.is(end)) throw new LogError("INVALID_END", "an end has icount, seq, a 64-bit hash and a cause");
  const { icount, seq, cause, hash } = end;
  return new TextEncoder().encode(canonicalJson({ icount, seq, cause, hash: DecimalU64.encode(hash) }));
};

const EndJson = t.type({ icount: Count, seq: Count, hash: DecimalU64, cause: Text });

/** Throws LogError INVALID_END. */
export const decodeEnd = (json: unknown, place: LogPlace): LogEnd => {
  const decoded = EndJson.decode(json);
  if (isLeft(decoded)) {
    const field = decoded.left[0]?.context.at(-1)?.key;
    throw new LogError("INVALID_END", "the end of the recording does not decode", {
      ...place,
      ...(field === undefined ? {} : { field }),
    });
  }
  return decoded.right;
};
