/** The files that a machine starts from, with the digests that identify them in a recording. */
import { createHash } from "node:crypto";
import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, resolve } from "node:path";

import type { Images } from "../../machine/initial-state.js";
import { memoryContents, type ImageContents } from "../store/image-contents.js";
import type { ImageDigest } from "../store/log/index.js";
import { carriedBytes, type CarriedImages } from "./carried-image.js";
import { readWholeFile } from "./read-file.js";
import { reasonOf } from "./reason.js";

const IMAGE_ROLES = ["bios", "kernel", "initrd", "dtb"] as const;
export type ImageRole = (typeof IMAGE_ROLES)[number];

/** A path, or the bytes. */
export type ImageSource = string | Uint8Array;

/** An image can't be read, or is not the recorded one. */
export class ImageError extends Error {
  override readonly name = "ImageError";
  constructor(
    readonly code: "IMAGE_UNREADABLE" | "IMAGE_MISSING" | "IMAGE_DIFFERS" | "IMAGE_UNSUPPORTED" | "IMAGE_UNWRITABLE",
    message: string,
  ) {
    super(message);
  }
}

export interface LoadedImages {
  /** Nobody writes to them: states at reset are made of them. */
  readonly images: Images;
  readonly digests: readonly ImageDigest[];
}

/** Calls `work` for each, so that one error names all images that are missing. @throws {ImageError} */
export function forEachImage<In, Out>(images: readonly In[], work: (image: In) => Out): readonly Out[] {
  const faults: ImageError[] = [];
  const done = images.flatMap((image) => {
    try {
      return [work(image)];
    } catch (fault) {
      if (!(fault instanceof ImageError)) throw fault;
      faults.push(fault);
      return [];
    }
  });
  const [first] = faults;
  if (first === undefined) return done;
  throw faults.length === 1 ? first : new ImageError(first.code, faults.map(({ message }) => message).join("; "));
}

/** Does both, so that one error names what is missing of either. @throws {ImageError} */
export function bothImages<A, B>(one: () => A, other: () => B): readonly [A, B] {
  const [first, second] = forEachImage<() => A | B, A | B>([one, other], (work) => work());
  return [first as A, second as B];
}

/** @throws {ImageError} */
export function loadImages(sources: Readonly<Partial<Record<ImageRole, ImageSource | undefined>>>): LoadedImages {
  const given = IMAGE_ROLES.flatMap((role) => {
    const source = sources[role];
    return source === undefined ? [] : [{ role, source }];
  });
  const loaded = forEachImage(given, ({ role, source }) => ({
    role,
    path: typeof source === "string" ? source : "",
    ...readImage(role, source),
  }));
  return {
    images: Object.fromEntries(loaded.map(({ role, bytes }) => [role, bytes])),
    digests: loaded.map(({ role, path, bytes, sha256 }) => ({ role, path, size: bytes.length, sha256 })),
  };
}

/**
 * The images of a recording: the given ones, else those that it carries, else those at their recorded paths. A relative
 * path is also tried from beside the recording. Each image must have exactly the recorded bytes. Nobody writes to them.
 * @throws {ImageError}
 */
export function findImages(
  digests: readonly ImageDigest[],
  given: Readonly<Partial<Record<ImageRole, ImageSource | undefined>>>,
  recordingPath?: string,
  carried: CarriedImages = new Map(),
): Images {
  const boot = digests.filter(({ role }) => IMAGE_ROLES.some((known) => known === role));
  return Object.fromEntries(
    forEachImage(boot, (digest) => [digest.role, findImage(digest, given, recordingPath, carried)] as const),
  );
}

function findImage(
  digest: ImageDigest,
  given: Readonly<Partial<Record<string, ImageSource | undefined>>>,
  recordingPath: string | undefined,
  carried: CarriedImages,
): Uint8Array {
  const { role, sha256: expected } = digest;
  const source = given[role];
  const inRecording = carried.get(expected);
  if (source === undefined && inRecording !== undefined) return carriedBytes(inRecording, role);
  if (source === undefined) {
    return findByDigest(digest, placesOf(digest.path, recordingPath), tryRead, optionOf(role));
  }
  const { bytes, sha256: actual } = readImage(role, source);
  if (actual !== expected)
    throw differs(digest, typeof source === "string" ? source : "the given bytes", actual, optionOf(role));
  return bytes;
}

/** As a program names it, and a user of the command. */
const optionOf = (role: string): string => `the option ${role} (--${role} FILE)`;

/** As contents that a recording may carry. */
export const contentsOfImages = (digests: readonly ImageDigest[], images: Images): readonly ImageContents[] =>
  IMAGE_ROLES.flatMap((role) => {
    const [bytes, digest] = [images[role], digests.find((one) => one.role === role)];
    return bytes === undefined || digest === undefined ? [] : [memoryContents(digest.sha256, bytes)];
  });

export interface Candidate<T> {
  readonly sha256: string;
  readonly value: T;
  /** Called if the candidate is not the image. */
  readonly close?: () => void;
}

/**
 * The first file that is the recorded image. The error tells the user to name another by `option`. @throws {ImageError}
 */
export function findByDigest<T>(
  digest: ImageDigest,
  places: readonly string[],
  open: (path: string) => Candidate<T> | undefined,
  option: string,
): T {
  const { role, path, size, sha256: expected } = digest;
  let wrong: { path: string; actual: string } | undefined;
  for (const place of new Set(places)) {
    const candidate = open(place);
    if (candidate?.sha256 === expected) return candidate.value;
    candidate?.close?.();
    if (candidate !== undefined) wrong ??= { path: place, actual: candidate.sha256 };
  }
  if (wrong !== undefined) throw differs(digest, wrong.path, wrong.actual, option);
  throw new ImageError(
    "IMAGE_MISSING",
    `the recording's ${role} (${path === "" ? "given as bytes" : path}, ${String(size)} bytes, sha256 ${expected}) is not there; ` +
      `name the file with ${option}`,
  );
}

/** The image's recorded path, and where it may be beside the recording. */
export const placesOf = (path: string, recordingPath: string | undefined): string[] => {
  if (path === "") return [];
  const beside = recordingPath === undefined ? [] : foldersOf(recordingPath);
  return [
    path,
    ...(isAbsolute(path) ? [] : beside.map((folder) => resolve(folder, path))),
    ...beside.map((folder) => resolve(folder, basename(path))),
  ];
};

/** Of a link, its own and then that of the file that it leads to. */
function foldersOf(path: string): readonly string[] {
  try {
    return [...new Set([dirname(path), dirname(realpathSync(path))])];
  } catch {
    return [dirname(path)];
  }
}

/** Where the file of a recorded image is likely to be. It is not read. */
export function presentPath(
  { role, path }: ImageDigest,
  given: Readonly<Partial<Record<string, ImageSource | undefined>>>,
  recordingPath: string | undefined,
): string {
  const source = given[role];
  if (typeof source === "string") return source;
  return placesOf(path, recordingPath).find((place) => existsSync(place)) ?? path;
}

const differs = ({ role, sha256: expected }: ImageDigest, path: string, actual: string, option: string): ImageError =>
  new ImageError(
    "IMAGE_DIFFERS",
    `${path} is not the ${role} that was recorded: its sha256 is ${actual}, the recording has ${expected}; ` +
      `name the right file with ${option}`,
  );

interface Digested {
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

function readImage(role: string, source: ImageSource): Digested {
  if (typeof source !== "string") {
    // Whoever gave bytes may write to them later.
    const bytes = new Uint8Array(source);
    return { bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
  }
  try {
    return readDigested(source);
  } catch (fault) {
    throw new ImageError("IMAGE_UNREADABLE", `can't read the ${role} ${source}: ${reasonOf(fault)}`);
  }
}

const tryRead = (path: string): Candidate<Uint8Array> | undefined => {
  try {
    const { bytes, sha256 } = readDigested(path);
    return { sha256, value: bytes };
  } catch {
    return undefined;
  }
};

function readDigested(path: string): Digested {
  const hash = createHash("sha256");
  const bytes = readWholeFile(path, { read: (part) => hash.update(part) });
  return { bytes, sha256: hash.digest("hex") };
}
