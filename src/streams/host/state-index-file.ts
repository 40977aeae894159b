/** State indexes as files: in the user's cache folder, named by what run they are of, or one that the user names. */
import { existsSync, readdirSync, rmSync, statSync, utimesSync, writeSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";

import { hex64 } from "../../reducers/hex.js";
import { LogError, type ByteSource } from "../store/log/index.js";
import { beginsAsIndex } from "../store/state-index/index.js";
import { attempt } from "./appended-file.js";
import { beginningOf } from "./file-kind.js";
import { fileSource } from "./file-source.js";
import { makeFolder } from "./make-folder.js";
import { reasonOf } from "./reason.js";
import { isDevice, writeWhole } from "./whole-file.js";

/** As `past/recording-index.ts` wants a place for them, but for what is told. */
export interface StateIndexFile {
  open(identity: bigint): ByteSource | undefined;
  write(identity: bigint, pieces: Iterable<Uint8Array>): void;
  remove(identity: bigint): boolean;
  pathOf(identity: bigint): string;
}

/** What all indexes in the cache folder may take together. The longest unused go first. */
export const MAX_CACHED_BYTES = 4 * 2 ** 30;

/** That file, whatever recording it is of. */
export const stateIndexAt = (path: string): StateIndexFile => indexFile(() => path);

/** A file for each run in that folder. */
export const stateIndexesIn = (folder: string, maxBytes = MAX_CACHED_BYTES): StateIndexFile => {
  const pathOf = (identity: bigint): string => join(folder, `${hex64(identity)}${SUFFIX}`);
  const file = indexFile(pathOf);
  return {
    ...file,
    open(identity) {
      const source = file.open(identity);
      // What was used of late is kept longest. A folder that can't be written keeps what it has.
      if (source !== undefined) attempt(() => touch(pathOf(identity)));
      return source;
    },
    write(identity, pieces) {
      const path = pathOf(identity);
      attempt(() => removeParts(folder));
      writing(path, () => {
        makeFolder(dirname(path), 0o700);
        file.write(identity, pieces);
      });
      attempt(() => removeUnused(folder, path, maxBytes));
    },
  };
};

/** The folder in `FOLDVM_STATE_INDEXES`, or one in the user's cache folder. Undefined if that variable is `off`. */
export function stateIndexFolder(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const { FOLDVM_STATE_INDEXES: named, XDG_CACHE_HOME: folder } = environment;
  if (named === "off") return undefined;
  if (named !== undefined && named !== "") return named;
  // The XDG base directory specification says to ignore relative paths.
  const caches = folder !== undefined && isAbsolute(folder) ? folder : join(homedir(), ".cache");
  return join(caches, "foldvm", "states");
}

const SUFFIX = ".states";
const PART = /\.states\.[^/]*\.part$/;
/** What a process that was killed has left behind, and none still writes. */
const STALE_MS = 24 * 3_600_000;

const indexFile = (pathOf: (identity: bigint) => string): StateIndexFile => ({
  pathOf,
  open(identity) {
    const path = pathOf(identity);
    return existsSync(path) ? fileSource(path) : undefined;
  },
  write(identity, pieces) {
    const path = pathOf(identity);
    writing(path, () => {
      requireIndex(path);
      writeWhole(path, true, (file) => {
        for (const piece of pieces) for (let at = 0; at < piece.length;) at += writeSync(file, piece, at);
      });
    });
  },
  remove(identity) {
    const path = pathOf(identity);
    if (!existsSync(path)) return false;
    writing(path, () => {
      requireIndex(path);
      rmSync(path);
    });
    return true;
  },
});

/** A recording, an image or anything else of the user's is never replaced by one. */
function requireIndex(path: string): void {
  if (isDevice(path)) throw new LogError("CANNOT_WRITE", `${path} is no regular file, but a pipe or a device`);
  const bytes = beginningOf(path);
  if (bytes.length === 0 || beginsAsIndex(bytes)) return;
  throw new LogError("CANNOT_WRITE", `${path} is no state index, and stays as it is: name another file`);
}

function writing(path: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    if (cause instanceof LogError || !(cause instanceof Error)) throw cause;
    throw new LogError("CANNOT_WRITE", `${path} can't be written: ${reasonOf(cause)}`, {}, { cause });
  }
}

function touch(path: string): void {
  const now = new Date();
  utimesSync(path, now, now);
}

function removeParts(folder: string): void {
  const oldestMs = Date.now() - STALE_MS;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (PART.test(name) && statSync(path).mtimeMs < oldestMs) rmSync(path, { force: true });
  }
}

function removeUnused(folder: string, kept: string, maxBytes: number): void {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => join(folder, name))
    .map((path) => ({ path, ...statOf(path) }))
    .sort((a, b) => b.usedMs - a.usedMs);
  let bytes = statOf(kept).bytes;
  for (const { path, bytes: size } of files) {
    if (path === kept) continue;
    bytes += size;
    if (bytes > maxBytes) rmSync(path, { force: true });
  }
}

/** Another process may have removed it. */
function statOf(path: string): { readonly bytes: number; readonly usedMs: number } {
  const stats = statSync(path, { throwIfNoEntry: false });
  return { bytes: stats?.size ?? 0, usedMs: stats?.mtimeMs ?? 0 };
}
