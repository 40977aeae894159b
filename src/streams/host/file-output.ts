/** A standard stream that is a file: all of a piece is written, or it fails. */
import { fstatSync, writeSync } from "node:fs";
import { Writable } from "node:stream";
import { isatty } from "node:tty";

/** Node's own stream drops what had no room on the disk where the beginning of the same piece still had. */
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

/** What is neither a terminal nor a pipe nor a socket: a write to it is over when it returns. */
export const isFileLike = (file: number): boolean => {
  const stats = fstatSync(file);
  return stats.isFile() || stats.isBlockDevice() || (stats.isCharacterDevice() && !isatty(file));
};
