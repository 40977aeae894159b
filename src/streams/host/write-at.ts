/** Writes bytes at a place of a file. The host may take several calls to write them all. */
import { writeSync } from "node:fs";

export const writeAt = (file: number, bytes: Uint8Array, offset: number): void => {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done, bytes.length - done, offset + done);
};
