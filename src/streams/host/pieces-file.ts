/** A file that is made piece by piece, and is there once it is whole: it is never in memory at once. */
import { writeSync } from "node:fs";

import { LogError } from "../store/log/index.js";
import { reasonOf } from "./reason.js";
import { openWhole, writeWhole } from "./whole-file.js";

/**
 * Returns the file's size in bytes. @throws {LogError} RECORDING_EXISTS if it exists and may not be overwritten;
 * CANNOT_WRITE
 */
export function writePieces(path: string, pieces: Iterable<Uint8Array>, overwrite: boolean): number {
  return hostsOwn(path, () => writeWhole(path, overwrite, (file) => writeAll(file, pieces)));
}

/**
 * The same of pieces that come by and by. Undefined: `isStopped` said so, and there is no file. Throws also what
 * `pieces` throws.
 */
export async function writeComingPieces(
  path: string,
  pieces: AsyncIterable<Uint8Array>,
  overwrite: boolean,
  isStopped: () => boolean,
): Promise<number | undefined> {
  const whole = hostsOwn(path, () => openWhole(path, overwrite));
  let byteLength = 0;
  try {
    for await (const piece of pieces) {
      byteLength += hostsOwn(path, () => writeAll(whole.file, [piece]));
      if (isStopped()) break;
    }
    if (isStopped()) {
      whole.discard();
      return undefined;
    }
    hostsOwn(path, () => {
      whole.keep();
    });
    return byteLength;
  } catch (fault) {
    whole.discard();
    throw fault;
  }
}

function writeAll(file: number, pieces: Iterable<Uint8Array>): number {
  let byteLength = 0;
  for (const piece of pieces) {
    for (let at = 0; at < piece.length;) at += writeSync(file, piece, at);
    byteLength += piece.length;
  }
  return byteLength;
}

/** What the host refuses is told as CANNOT_WRITE. */
function hostsOwn<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!isOfHost(cause)) throw cause;
    throw new LogError("CANNOT_WRITE", `${path} can't be written: ${reasonOf(cause)}`, {}, { cause });
  }
}

const isOfHost = (fault: unknown): boolean => fault instanceof Error && "syscall" in fault;
