/** The files that a machine starts from, with the digests by which a recording knows them again. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, dirname, isAbsolute, resolve } from "node:path";

import type { Images } from "../machine/initial-state.js";
import type { ImageDigest } from "./log/index.js";

export const IMAGE_ROLES = ["bios", "kernel", "initrd", "dtb"] as const;
export type ImageRole = (typeof IMAGE_ROLES)[number];

/** A path, or the bytes themselves. */
export type ImageSource = string | Uint8Array;

/** An image can't be read, or is not the one that was recorded. */
export class ImageError extends Error {
  override readonly name = "ImageError";
  constructor(
    readonly code: "IMAGE_UNREADABLE" | "IMAGE_MISSING" | "IMAGE_DIFFERS",
    message: string,
  ) {
    super(message);
  }
}

export interface LoadedImages {
  readonly images: Images;
  readonly digests: readonly ImageDigest[];
}

/** @throws {ImageError} */
export function loadImages(sources: Readonly<Partial<Record<ImageRole, ImageSource | undefined>>>): LoadedImages {
  const loaded = IMAGE_ROLES.flatMap((role) => {
    const source = sources[role];
    return source === undefined
      ? []
      : [{ role, path: typeof source === "string" ? source : "", bytes: readImage(role, source) }];
  });
  return {
    images: Object.fromEntries(loaded.map(({ role, bytes }) => [role, bytes])),
    digests: loaded.map(({ role, path, bytes }) => ({ role, path, size: bytes.length, sha256: sha256(bytes) })),
  };
}

/**
 * The images of a recording: those given, else from where they were recorded, relative paths also from beside the
 * recording. Each must be the very bytes that were recorded.
 * @throws {ImageError}
 */
export function findImages(
  digests: readonly ImageDigest[],
  given: Readonly<Partial<Record<ImageRole, ImageSource | undefined>>>,
  recordingPath?: string,
): Images {
  return Object.fromEntries(digests.map((digest) => [digest.role, findImage(digest, given, recordingPath)]));
}

function findImage(
  { role, path, size, sha256: expected }: ImageDigest,
  given: Readonly<Partial<Record<string, ImageSource | undefined>>>,
  recordingPath: string | undefined,
): Uint8Array {
  const source = given[role];
  if (source !== undefined) {
    const bytes = readImage(role, source);
    const actual = sha256(bytes);
    if (actual !== expected)
      throw differs(role, typeof source === "string" ? source : "the given bytes", expected, actual);
    return bytes;
  }
  const candidates = [...new Set(placesOf(path, recordingPath))];
  let wrong: { path: string; actual: string } | undefined;
  for (const candidate of candidates) {
    const bytes = tryRead(candidate);
    if (bytes === undefined) continue;
    const actual = sha256(bytes);
    if (actual === expected) return bytes;
    wrong ??= { path: candidate, actual };
  }
  if (wrong !== undefined) throw differs(role, wrong.path, expected, wrong.actual);
  throw new ImageError(
    "IMAGE_MISSING",
    `the recording's ${role} (${path === "" ? "given as bytes" : path}, ${String(size)} bytes, sha256 ${expected}) is not there; ` +
      `name the file with --${role}`,
  );
}

const placesOf = (path: string, recordingPath: string | undefined): string[] => {
  if (path === "") return [];
  const beside = recordingPath === undefined ? [] : [dirname(recordingPath)];
  return [
    path,
    ...(isAbsolute(path) ? [] : beside.map((folder) => resolve(folder, path))),
    ...beside.map((folder) => resolve(folder, basename(path))),
  ];
};

const differs = (role: string, path: string, expected: string, actual: string): ImageError =>
  new ImageError(
    "IMAGE_DIFFERS",
    `${path} is not the ${role} that was recorded: its sha256 is ${actual}, the recording has ${expected}; ` +
      `name the right file with --${role}`,
  );

function readImage(role: string, source: ImageSource): Uint8Array {
  if (typeof source !== "string") return source;
  try {
    return readFileSync(source);
  } catch (fault) {
    throw new ImageError("IMAGE_UNREADABLE", `can't read the ${role} ${source}: ${(fault as Error).message}`);
  }
}

const tryRead = (path: string): Uint8Array | undefined => {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
};

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
