/** A standard stream that is a file. A write either writes the whole piece or fails. */
import { fstatSync, writeSync } from "node:fs";
import { Writable } from "node:stream";
import { isatty } from "node:tty";

/** On a full disk, Node's own stream writes the beginning of a piece and silently drops the rest. */
export const fileOutput = (file: number): Writable =>
  new Writable({
    write(chunk: Buffer, _encoding, done) {
      try {
        for (let at = 0; at < chunk.length;) at += writeSync(file, chunk, at);
      } catch (fault) {
        done(fault as Error);
        return;
      }
      done();
    },
  });

/** True if it is not a terminal, pipe or socket. A write to a file is complete when it returns. */
export const isFileLike = (file: number): boolean => {
  const stats = fstatSync(file);
  return stats.isFile() || stats.isBlockDevice() || (stats.isCharacterDevice() && !isatty(file));
};
