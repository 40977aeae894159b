/**
 * Named snapshots in a recording: a `snapshot` segment says whose bytes follow, `state` segments hold them in pieces,
 * and `forgotten` takes a name away again. All are only ever appended, so a snapshot that a crash cut off is one that
 * is not there.
 */
import { isLeft } from "fp-ts/lib/Either.js";
import * as t from "io-ts";

import { Count, restricted, Text, U64 } from "../../../reducers/scalars.js";
import { canonicalJson } from "./canonical-json.js";
import { MAX_RAW_BYTES } from "./compression.js";
import { DecimalU64 } from "./json-scalars.js";
import { LogError, type LogPlace } from "./log-error.js";
import type { SegmentChain } from "./segment-chain.js";
import type { SegmentPlace } from "./segment.js";
import { SNAPSHOT_VERSION } from "./upcast.js";
import { utf8Length } from "./utf8-length.js";

/** What a snapshot's segments say of it. */
export interface SnapshotHeader {
  readonly name: string;
  /** The position of its state. */
  readonly seq: number;
  readonly icount: number;
  /** The hash of its state. */
  readonly hash: bigint;
}

export interface Snapshot extends SnapshotHeader {
  /** The saved state, byte by byte the file that `saveState` makes. */
  readonly bytes: Uint8Array;
}

export interface SnapshotDescription extends SnapshotHeader {
  /** Of the saved state. */
  readonly size: number;
}

export const describedSnapshot = ({ bytes, ...header }: Snapshot): SnapshotDescription => ({
  ...header,
  size: bytes.length,
});

const MAX_NAME_BYTES = 200;
/** A snapshot is read into one array, and no array of Node 20 is larger. It is known before a piece is unpacked. */
export const MAX_SNAPSHOT_BYTES = 2 ** 32;

const SnapshotBytes = restricted(
  `size from 1 to ${String(MAX_SNAPSHOT_BYTES)}`,
  Count,
  (size) => size > 0 && size <= MAX_SNAPSHOT_BYTES,
);

/** A name is one word or several on one line. */
export const SnapshotName = restricted(
  "name of a snapshot",
  Text,
  (name) => utf8Length(name) <= MAX_NAME_BYTES && /^[^\p{Cc}\p{Surrogate}]+$/u.test(name) && name === name.trim(),
);

const Description = t.readonly(
  t.type({ name: SnapshotName, seq: Count, icount: Count, hash: DecimalU64, size: SnapshotBytes }),
);
const Forgotten = t.readonly(t.type({ name: SnapshotName }));

type Place = Pick<SegmentPlace, "firstSeq" | "firstIcount">;

/** @throws {LogError} INVALID_NAME, where nothing is written, and what the sink throws. */
export function writeSnapshot(chain: SegmentChain, place: Place, { name, seq, icount, hash, bytes }: Snapshot): void {
  requireName(name);
  if (!U64.is(hash) || bytes.length === 0) throw invalid("a snapshot has a 64-bit hash and bytes");
  if (!SnapshotBytes.is(bytes.length)) {
    const what = `a snapshot has at most ${String(MAX_SNAPSHOT_BYTES)} bytes, and ${JSON.stringify(name)} ${String(bytes.length)}`;
    throw invalid(`${what}; save the state to a file of its own`);
  }
  chain.requireOpen();
  chain.requireVersion(SNAPSHOT_VERSION);
  const text = canonicalJson({ name, seq, icount, hash: DecimalU64.encode(hash), size: bytes.length });
  chain.write({ ...place, kind: "snapshot", count: 0 }, new TextEncoder().encode(text));
  for (let at = 0; at < bytes.length; at += MAX_RAW_BYTES) {
    chain.write({ ...place, kind: "state", count: 0 }, bytes.subarray(at, at + MAX_RAW_BYTES));
  }
}

/** @throws {LogError} INVALID_NAME, and what the sink throws. */
export function writeForgotten(chain: SegmentChain, place: Place, name: string): void {
  requireName(name);
  chain.requireOpen();
  chain.requireVersion(SNAPSHOT_VERSION);
  chain.write({ ...place, kind: "forgotten", count: 0 }, new TextEncoder().encode(canonicalJson({ name })));
}

/** Throws LogError INVALID_SNAPSHOT. */
export const decodeDescription = (json: unknown, place: LogPlace): SnapshotDescription =>
  decoded(Description, json, place);
/** Throws LogError INVALID_SNAPSHOT. */
export const decodeForgotten = (json: unknown, place: LogPlace): { readonly name: string } =>
  decoded(Forgotten, json, place);

function decoded<A>(codec: t.Type<A, unknown>, json: unknown, place: LogPlace): A {
  const result = codec.decode(json);
  if (!isLeft(result)) return result.right;
  const field = result.left[0]?.context.at(-1)?.key;
  throw invalid("what it says of a snapshot does not decode", {
    ...place,
    ...(field === undefined ? {} : { field }),
  });
}

function requireName(name: string): void {
  if (SnapshotName.is(name)) return;
  throw new LogError(
    "INVALID_NAME",
    `${JSON.stringify(name)} is no name for a snapshot: use 1 to ${String(MAX_NAME_BYTES)} bytes of text on one line`,
  );
}

const invalid = (what: string, place: LogPlace = {}): LogError => new LogError("INVALID_SNAPSHOT", what, place);
