/** A file that is made piece by piece, and is there once it is whole: it is never in memory at once. */
import { writeSync } from "node:fs";

import { LogError } from "../store/log/index.js";
import { reasonOf } from "./reason.js";
import { writeWhole } from "./whole-file.js";

/**
 * Returns the file's size in bytes. @throws {LogError} RECORDING_EXISTS if it exists and may not be overwritten;
 * CANNOT_WRITE
 */
export function writePieces(path: string, pieces: Iterable<Uint8Array>, overwrite: boolean): number {
  try {
    return writeWhole(path, overwrite, (file) => writeAll(file, pieces));
  } catch (cause) {
    if (!isOfHost(cause)) throw cause;
    throw new LogError("CANNOT_WRITE", `${path} can't be written: ${reasonOf(cause)}`, {}, { cause });
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

const isOfHost = (fault: unknown): boolean => fault instanceof Error && "syscall" in fault;
