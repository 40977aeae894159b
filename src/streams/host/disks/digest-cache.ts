/**
 * Keeps the SHA-256 of images by the identity of their files, in the user's cache folder, so that a disk of gigabytes
 * is hashed once and not at each start. If the cache is missing or damaged, images are hashed.
 */
import { createHash } from "node:crypto";
import { readFileSync, renameSync, rmSync, statSync, writeFileSync, type BigIntStats } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";

import { makeFolder } from "../make-folder.js";

/** Every change of a file changes one of these. */
export type FileIdentity = Pick<BigIntStats, "dev" | "ino" | "size" | "mtimeNs" | "ctimeNs">;

/** The oldest entries are dropped first. */
export const MAX_DIGESTS = 256;
const MAX_FILE_BYTES = 1 << 20;

export class DigestCache {
  /** Without a path, nothing is kept or found. */
  constructor(private readonly path: string | undefined) {}

  find(identity: FileIdentity): string | undefined {
    return this.read().get(keyOf(identity));
  }

  /** If the cache can't be written, the image is hashed again next time. */
  keep(identity: FileIdentity, sha256: string): void {
    const { path } = this;
    if (path === undefined) return;
    const key = keyOf(identity);
    const others = [...this.read()].filter(([other]) => other !== key);
    const digests = [...others, [key, sha256] as const].slice(-MAX_DIGESTS);
    attempt(() => {
      write(path, JSON.stringify({ digests, check: checkOf(digests) }));
    });
  }

  private read(): ReadonlyMap<string, string> {
    const contents = this.parsed();
    return new Map(isContents(contents) && checkOf(contents.digests) === contents.check ? contents.digests : []);
  }

  private parsed(): unknown {
    const { path } = this;
    if (path === undefined) return undefined;
    return attempt(() => {
      const stats = statSync(path);
      return stats.isFile() && stats.size <= MAX_FILE_BYTES
        ? (JSON.parse(readFileSync(path, "utf8")) as unknown)
        : undefined;
    });
  }
}

/** Another process may write at the same time. Each writes a whole file, and the last one stays. */
function write(path: string, text: string): void {
  // Something other than a file, such as a folder, is left alone.
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) return;
  makeFolder(dirname(path), 0o700);
  const beside = `${path}.${String(process.pid)}`;
  try {
    writeFileSync(beside, text, { mode: 0o600 });
    renameSync(beside, path);
  } finally {
    rmSync(beside, { force: true });
  }
}

/** Returns undefined if the action throws. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

/** The path in `FOLDVM_IMAGE_DIGESTS`, or a file in the user's cache folder. Undefined if that variable is `off`. */
export function digestCachePath(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const { FOLDVM_IMAGE_DIGESTS: named, XDG_CACHE_HOME: folder } = environment;
  if (named === "off") return undefined;
  if (named !== undefined && named !== "") return named;
  // The XDG base directory specification says to ignore relative paths.
  const caches = folder !== undefined && isAbsolute(folder) ? folder : join(homedir(), ".cache");
  return join(caches, "foldvm", "image-digests.json");
}

type Digests = readonly (readonly [key: string, sha256: string])[];

interface Contents {
  readonly digests: Digests;
  readonly check: string;
}

const isContents = (value: unknown): value is Contents =>
  typeof value === "object" &&
  value !== null &&
  "digests" in value &&
  Array.isArray(value.digests) &&
  value.digests.every(isDigest) &&
  "check" in value;

const isDigest = (entry: unknown): boolean =>
  Array.isArray(entry) &&
  entry.length === 2 &&
  typeof entry[0] === "string" &&
  typeof entry[1] === "string" &&
  /^[0-9a-f]{64}$/.test(entry[1]);

const keyOf = ({ dev, ino, size, mtimeNs, ctimeNs }: FileIdentity): string =>
  [dev, ino, size, mtimeNs, ctimeNs].map(String).join(" ");

/** Without this check, a flipped bit in a digest would make an image look like another one. */
const checkOf = (digests: Digests): string => createHash("sha256").update(JSON.stringify(digests)).digest("hex");
