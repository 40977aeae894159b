/** The SHA-256 of an open image file: from the cache, or computed now. */
import { createHash } from "node:crypto";
import { fstatSync, readSync } from "node:fs";

import { Subject } from "rxjs";

import { DigestCache, digestCachePath, type FileIdentity } from "./digest-cache.js";

/** How much of an image is hashed. The last report has `doneBytes` = `totalBytes`. */
export interface Hashing {
  readonly path: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** Progress reports: nothing else runs while an image is hashed. */
export const hashing$ = new Subject<Hashing>();

export interface DigestOptions {
  readonly cache?: DigestCache;
  readonly nowNs?: () => bigint;
}

/** Hashing a smaller image is faster than finding its entry. */
export const MIN_KEPT_BYTES = 1 << 24;
const HASHED_AT_ONCE = 1 << 20;

/** `identity` is the file's at the time when it was opened. */
export function imageDigest(
  path: string,
  file: number,
  identity: FileIdentity,
  { cache = new DigestCache(digestCachePath()), nowNs = wallNs }: DigestOptions = {},
): string {
  if (identity.size < MIN_KEPT_BYTES) return hashed(path, file, identity);
  const known = cache.find(identity);
  if (known !== undefined) return known;
  const isSettled = isOlderThanItsClock(identity, nowNs());
  const sha256 = hashed(path, file, identity);
  if (isSettled && isSame(identity, fstatSync(file, { bigint: true }))) cache.keep(identity, sha256);
  return sha256;
}

/**
 * A file that is written twice within a tick of its file system's clock has the same times after both writes (git's
 * racy index). FAT has the longest tick, 2 s.
 */
const isOlderThanItsClock = ({ mtimeNs, ctimeNs }: FileIdentity, nowNs: bigint): boolean =>
  [mtimeNs, ctimeNs].every((timeNs) => nowNs - timeNs > LONGEST_TICK_NS);

const LONGEST_TICK_NS = 2_000_000_000n;

const isSame = (a: FileIdentity, b: FileIdentity): boolean =>
  (["dev", "ino", "size", "mtimeNs", "ctimeNs"] as const).every((field) => a[field] === b[field]);

const wallNs = (): bigint => BigInt(Date.now()) * 1_000_000n;

function hashed(path: string, file: number, { size }: FileIdentity): string {
  const hash = createHash("sha256");
  const bytes = new Uint8Array(HASHED_AT_ONCE);
  const totalBytes = Number(size);
  for (let doneBytes = 0; ;) {
    const count = readSync(file, bytes, 0, bytes.length, doneBytes);
    if (count === 0) {
      hashing$.next({ path, doneBytes: totalBytes, totalBytes });
      return hash.digest("hex");
    }
    hash.update(bytes.subarray(0, count));
    doneBytes += count;
    if (doneBytes < totalBytes) hashing$.next({ path, doneBytes, totalBytes });
  }
}
