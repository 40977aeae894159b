/** Gives a guest the files of one folder. No name or symbolic link leads outside the folder. */
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, realpathSync } from "node:fs";
import { join, sep } from "node:path";

import type { HostFile } from "../../net/router-host.js";

/** The folder can't be served. The message names it, the reason and the remedy. */
export class ServedFolderError extends Error {
  override readonly name = "ServedFolderError";
  readonly code = "CANNOT_SERVE";
}

/** @throws {ServedFolderError} */
export function checkServedFolder(folder: string): void {
  try {
    readdirSync(folder);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ServedFolderError(`tftp=${folder} can't be served (${why}): name a folder that can be read`, { cause });
  }
}

/** As in QEMU, a leading slash means the folder itself. */
export function openServedFile(folder: string, name: string): HostFile | "notFound" | "forbidden" {
  if (name === "" || name.includes("\0")) return "notFound";
  try {
    const root = realpathSync(folder);
    const path = realpathSync(join(root, name));
    if (!path.startsWith(root.endsWith(sep) ? root : root + sep)) return "forbidden";
    // O_NONBLOCK: opening a fifo would wait for a writer. Fifos are refused below.
    return opened(openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK));
  } catch (error) {
    return CODES_OF_REFUSAL.has((error as NodeJS.ErrnoException).code ?? "") ? "forbidden" : "notFound";
  }
}

const CODES_OF_REFUSAL = new Set(["EACCES", "EPERM", "ELOOP"]);

function opened(descriptor: number): HostFile | "forbidden" {
  const status = fstatSync(descriptor);
  if (!status.isFile()) {
    closeSync(descriptor);
    return "forbidden";
  }
  return {
    size: status.size,
    read: (offset, length) => {
      const bytes = new Uint8Array(length);
      try {
        return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
      } catch {
        return undefined;
      }
    },
    close: () => {
      closeSync(descriptor);
    },
  };
}
