/** What a recording is a branch of, and what are branches of it: those that lie where they can be expected. */
import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { hex64 } from "../../reducers/hex.js";
import { fileSource } from "../host/file-source.js";
import { placesOf } from "../host/images.js";
import { openLogFile } from "../host/log-file.js";
import { endOf, type RecordingInfo } from "../past/recording-info.js";
import { LogError, readLogHeader, type LogParent } from "../store/log/index.js";

/** How a recording ended. */
export interface Ended {
  /** Up to there. */
  readonly instructions: number;
  /** In a recording's words; null: it was cut off. */
  readonly cause: string | null;
  readonly guestCode: number | null;
}

/** A recording that others are branches of. */
export interface Ancestor {
  /** Where it is; where it was, if it is not found. */
  readonly path: string;
  readonly isFound: boolean;
  /** Up to where the branch is this recording. */
  readonly seq: number;
  readonly icount: number;
  /** What the branch changed. */
  readonly changes: readonly string[];
  /** Null: it is not found, or it is damaged. */
  readonly end: Ended | null;
}

/** A branch beside its parent. */
export interface Offspring extends Omit<Ancestor, "isFound"> {
  readonly branches: readonly Offspring[];
}

export interface Family {
  /** The parent, its parent, and so on. */
  readonly ancestors: readonly Ancestor[];
  /** Those in the same folder. */
  readonly branches: readonly Offspring[];
}

/** How far a chain of parents is followed. */
export const MAX_ANCESTORS = 64;
/** How many files of a folder are looked at for branches. */
export const MAX_SIBLINGS = 1000;

export const NO_FAMILY: Family = { ancestors: [], branches: [] };

/** Of a recording in a file. What can't be read is no part of it. */
export function familyOf(path: string, { digest, parent }: Pick<RecordingInfo, "digest" | "parent">): Family {
  return { ancestors: ancestorsOf(path, parent ?? undefined), branches: offspringOf(digest, siblings(path)) };
}

function ancestorsOf(path: string, parent: LogParent | undefined): readonly Ancestor[] {
  const ancestors: Ancestor[] = [];
  let [beside, next] = [path, parent];
  while (next !== undefined && ancestors.length < MAX_ANCESTORS) {
    const { seq, icount, changes } = next;
    const found = find(next, beside);
    const end = found?.end ?? null;
    ancestors.push({ path: found?.path ?? next.path, isFound: found !== undefined, seq, icount, changes, end });
    if (found === undefined) break;
    ({ path: beside, parent: next } = found);
  }
  return ancestors;
}

interface Found {
  readonly path: string;
  readonly end: Ended;
  readonly parent: LogParent | undefined;
}

/** Another recording may be there by now. */
function find({ path, digest }: LogParent, beside: string): Found | undefined {
  for (const place of new Set(placesOf(path, beside))) {
    const found = readable(() => {
      const { digest: own, parent, end } = lookedAt(place);
      return own === digest ? { path: place, parent, end } : undefined;
    });
    if (found !== undefined) return found;
  }
  return undefined;
}

interface Sibling {
  readonly path: string;
  readonly parent: LogParent;
}

/** The branches beside a recording, by name. Only their headers are read. */
function siblings(beside: string): readonly Sibling[] {
  const folder = dirname(beside);
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(".fold") && name !== basename(beside))
    .sort()
    .slice(0, MAX_SIBLINGS);
  return names.flatMap((name) => {
    const path = join(folder, name);
    const parent = readable(() => {
      const source = fileSource(path);
      try {
        return readLogHeader(source).parent;
      } finally {
        source.close();
      }
    });
    return parent === undefined ? [] : [{ path, parent }];
  });
}

function offspringOf(digest: string, all: readonly Sibling[]): readonly Offspring[] {
  const [own, others] = [
    all.filter(({ parent }) => parent.digest === digest),
    all.filter(({ parent }) => parent.digest !== digest),
  ];
  return own.map(({ path, parent: { seq, icount, changes } }) => {
    const found = readable(() => lookedAt(path));
    const branches = found === undefined || others.length === 0 ? [] : offspringOf(found.digest, others);
    return { path, seq, icount, changes, end: found?.end ?? null, branches };
  });
}

interface LookedAt {
  readonly digest: string;
  readonly parent: LogParent | undefined;
  readonly end: Ended;
}

/** All of a recording's framing is read. @throws {LogError} */
function lookedAt(path: string): LookedAt {
  const log = openLogFile(path);
  try {
    const { instructions, cause, guestCode } = endOf(log);
    return { digest: hex64(log.identity), parent: log.header.parent, end: { instructions, cause, guestCode } };
  } finally {
    log.close();
  }
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof LogError) return undefined;
    throw error;
  }
}
