/** Writes bytes to an open file. The host may take several calls to write them all. */
import { writeSync } from "node:fs";

/** At a place of it. */
export const writeAt = (file: number, bytes: Uint8Array, offset: number): void => {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done, bytes.length - done, offset + done);
};

/** Behind what was written before, which ends at `offset`. A pipe has no places, and needs none for that. */
export function writeBehind(file: number, bytes: Uint8Array, offset: number): void {
  try {
    writeAt(file, bytes, offset);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ESPIPE") throw cause;
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
  }
}
