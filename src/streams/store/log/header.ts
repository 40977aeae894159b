/**
 * The content of a recording's first segment: the machine and the digest of every image, so that a replay runs the same
 * machine.
 */
import { isLeft } from "fp-ts/lib/Either.js";
import * as t from "io-ts";

import { Count, Sha256 } from "../../../reducers/scalars.js";
import { canonicalJson } from "./canonical-json.js";
import { MAX_RAW_BYTES } from "./compression.js";
import type { LogPlace } from "./log-error.js";
import { LogError } from "./log-error.js";
import { SnapshotName } from "./snapshot-segments.js";

/** An image that the machine was started with, as a digest without its content. */
export const ImageDigest = t.readonly(
  t.exact(
    t.type({
      /** The image's use: `bios`, `kernel`, `initrd`, `drive0` ... */
      role: t.string,
      /** The path when it was recorded. It is only a hint. */
      path: t.string,
      /** In bytes. */
      size: Count,
      sha256: Sha256,
    }),
  ),
);
export type ImageDigest = t.TypeOf<typeof ImageDigest>;

/** The state that a recording begins with, if it is not the state at reset. The first snapshot holds its bytes. */
export const LogStart = t.readonly(t.type({ name: SnapshotName, seq: Count, icount: Count }));
export type LogStart = t.TypeOf<typeof LogStart>;

export interface LogHeader {
  /** The machine configuration: a JSON value, opaque to the log. */
  readonly machine: unknown;
  readonly images: readonly ImageDigest[];
  readonly start?: LogStart | undefined;
}

const Header = t.type({
  machine: t.unknown,
  images: t.readonlyArray(ImageDigest),
  start: t.union([LogStart, t.undefined]),
});

/** Throws LogError INVALID_HEADER if the header could not be read back. */
export const encodeHeader = ({ machine, images, start }: LogHeader): Uint8Array => {
  try {
    const raw = new TextEncoder().encode(canonicalJson({ machine, images, ...(start === undefined ? {} : { start }) }));
    decodeHeader(JSON.parse(new TextDecoder().decode(raw)), {});
    if (raw.length > MAX_RAW_BYTES)
      throw new TypeError(`it takes ${String(raw.length)} of at most ${String(MAX_RAW_BYTES)} bytes`);
    return raw;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new LogError("INVALID_HEADER", `this machine configuration can't be recorded: ${error.message}`);
  }
};

/** Throws LogError INVALID_HEADER. */
export const decodeHeader = (json: unknown, place: LogPlace): LogHeader => {
  const decoded = Header.decode(json);
  if (isLeft(decoded)) {
    const [error] = decoded.left;
    const field = error?.context
      .map(({ key }) => key)
      .filter((key) => key !== "")
      .join(".");
    throw new LogError("INVALID_HEADER", error?.message ?? "the header does not decode", {
      ...place,
      ...(field === undefined ? {} : { field }),
    });
  }
  const { start, ...plain } = decoded.right;
  return start === undefined ? plain : { ...plain, start };
};
