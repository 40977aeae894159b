/** Whether two paths lead to one file, through links too, and whether it is still the same. */
import { lstatSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** The file's place on the host; undefined if the path leads to no regular file. */
export function placeOfFile(path: string): string | undefined {
  try {
    const stats = statSync(path, { bigint: true });
    return stats.isFile() ? `${String(stats.dev)}:${String(stats.ino)}` : undefined;
  } catch {
    return undefined;
  }
}

/** Where a file will be that is not there yet; undefined if something is, or no folder for it. */
export function placeOfNewFile(path: string): string | undefined {
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return undefined;
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return undefined;
  }
}

/** Another text where the file was written anew. */
export function stampOfFile(path: string): string {
  const { ino, size, mtimeNs } = statSync(path, { bigint: true });
  return [ino, size, mtimeNs].map((part) => part.toString(36)).join("-");
}
