/** Opens a file that is to be read at any place. A pipe, a device or a folder is refused, and none is waited for. */
import { closeSync, constants, fstatSync, openSync } from "node:fs";

/** Throws what the host says, or an Error that says that it is no regular file. */
export function openRegularFile(path: string): number {
  // Without O_NONBLOCK, a fifo without a writer would hold up the process for ever.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if (fstatSync(file).isFile()) return file;
  closeSync(file);
  throw new Error("it is no regular file, but a pipe, a device or a folder");
}
