/** Directories for unfinished work beside the finished one: a killed run leaves its own, and the next run clears it. */
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Runs `work` in a fresh directory in `root`, on the same file system, so that results can be renamed into place. */
export const withTemporaryDirectory = async <T>(root: string, work: (directory: string) => Promise<T>): Promise<T> => {
  await mkdir(root, { recursive: true });
  await removeAbandoned(root);
  const directory = join(root, `${PREFIX}${String(process.pid)}`);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory);
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

const PREFIX = "unfinished-";

const removeAbandoned = async (root: string): Promise<void> => {
  for (const name of await readdir(root)) {
    if (!name.startsWith(PREFIX) || isAlive(Number(name.slice(PREFIX.length)))) continue;
    await rm(join(root, name), { recursive: true, force: true });
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and is another user's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
};
