/** An image that a recording carries. Its bytes are checked against their digest before use. */
import { createHash } from "node:crypto";

import { DiskReadError } from "../../machine/disk/disk-image.js";
import { Recent } from "./recent.js";
import type { HostDisk } from "../store/host-disk.js";
import type { ImageContents } from "../store/image-contents.js";
import { LogError } from "../store/log/index.js";

/** By SHA-256. */
export type CarriedImages = ReadonlyMap<string, ImageContents>;

/** All bytes of the image. @throws {LogError} INVALID_IMAGE if their digest is another one. */
export function carriedBytes(image: ImageContents, role: string): Uint8Array {
  const bytes = new Uint8Array(image.byteLength);
  image.read(0, bytes);
  requireDigest(image, role, [bytes]);
  return bytes;
}

/** The image as a disk. @throws {LogError} INVALID_IMAGE */
export function carriedDisk(image: ImageContents, role: string): HostDisk {
  requireDigest(image, role, parts(image));
  const { byteLength } = image;
  const chunks = new Recent<Uint8Array>(MAX_CHUNKS);
  let isClosed = false;
  const chunk = (index: number): Uint8Array => {
    const kept = chunks.get(index);
    if (kept !== undefined) return kept;
    if (isClosed) throw new DiskReadError(`can't read the recording's ${role}: its machine or recording was closed`);
    const start = index * CHUNK_BYTES;
    const bytes = new Uint8Array(Math.max(0, Math.min(CHUNK_BYTES, byteLength - start)));
    image.read(start, bytes);
    chunks.set(index, bytes);
    return bytes;
  };
  return {
    byteLength,
    read(offset, target) {
      for (let at = 0; at < target.length;) {
        const start = (offset + at) % CHUNK_BYTES;
        const there = chunk(Math.floor((offset + at) / CHUNK_BYTES)).subarray(start, start + target.length - at);
        const count = Math.min(CHUNK_BYTES - start, target.length - at);
        target.set(there, at);
        target.fill(0, at + there.length, at + count);
        at += count;
      }
    },
    // The recording is open and on this host, so a read may wait for it.
    prepare: () => undefined,
    requireUnchanged: () => undefined,
    close: () => {
      isClosed = true;
    },
  };
}

export const CHUNK_BYTES = 1 << 17;
/** 8 MiB. */
export const MAX_CHUNKS = 64;

function* parts(image: ImageContents): Generator<Uint8Array> {
  for (let at = 0; at < image.byteLength; at += CHUNK_BYTES) {
    const part = new Uint8Array(Math.min(CHUNK_BYTES, image.byteLength - at));
    image.read(at, part);
    yield part;
  }
}

function requireDigest({ sha256 }: ImageContents, role: string, all: Iterable<Uint8Array>): void {
  const hash = createHash("sha256");
  for (const part of all) hash.update(part);
  const actual = hash.digest("hex");
  if (actual === sha256) return;
  throw new LogError(
    "INVALID_IMAGE",
    `the ${role} that the recording carries is damaged: its sha256 is ${actual}, and should be ${sha256}; take another copy`,
  );
}
