/** Whether two paths lead to one file, through links too. */
import { statSync } from "node:fs";

/** The file's place on the host; undefined if the path leads to no regular file. */
export function placeOfFile(path: string): string | undefined {
  try {
    const stats = statSync(path, { bigint: true });
    return stats.isFile() ? `${String(stats.dev)}:${String(stats.ino)}` : undefined;
  } catch {
    return undefined;
  }
}
