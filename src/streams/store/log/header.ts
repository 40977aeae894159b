/**
 * The content of a recording's first segment: the machine and the digest of every image, so that a replay runs the same
 * machine.
 */
import { isLeft } from "fp-ts/lib/Either.js";
import * as t from "io-ts";

import { Count, restricted, Sha256 } from "../../../reducers/scalars.js";
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

/** What a branch was made from, and how: `docs/decisions/branches.md`. */
export const LogParent = t.readonly(
  t.exact(
    t.type({
      /** Where the parent was. It is only a hint; empty: it was given as bytes. */
      path: t.string,
      /** What tells the parent from any other run: `Log.identity`. */
      digest: restricted("digest: 16 hexadecimal digits", t.string, (digest) => /^[0-9a-f]{16}$/.test(digest)),
      /** Up to this position the branch is its parent. */
      seq: Count,
      icount: Count,
      /** What answers were made from that the parent does not have. */
      seed: t.string,
      /** What is otherwise, a line each, for people. */
      changes: t.readonlyArray(t.string),
    }),
  ),
);
export type LogParent = t.TypeOf<typeof LogParent>;

export interface LogHeader {
  /** The machine configuration: a JSON value, opaque to the log. */
  readonly machine: unknown;
  readonly images: readonly ImageDigest[];
  readonly start?: LogStart | undefined;
  /** Of a branch. */
  readonly parent?: LogParent | undefined;
}

const Header = t.type({
  machine: t.unknown,
  images: t.readonlyArray(ImageDigest),
  start: t.union([LogStart, t.undefined]),
  parent: t.union([LogParent, t.undefined]),
});

/** Throws LogError INVALID_HEADER if the header could not be read back. */
export const encodeHeader = (header: LogHeader): Uint8Array => {
  try {
    const raw = new TextEncoder().encode(canonicalJson(withoutAbsent(header)));
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
  return withoutAbsent(decoded.right);
};

/** A member that is undefined is none. */
const withoutAbsent = ({ machine, images, start, parent }: LogHeader): LogHeader => ({
  machine,
  images,
  ...(start === undefined ? {} : { start }),
  ...(parent === undefined ? {} : { parent }),
});
