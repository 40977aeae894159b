/** Reads symbols from a file that the user names. */
import { readSymbols, type Symbol } from "../../machine/symbol-table.js";
import { ImageError } from "./images.js";
import { readWholeFile } from "./read-file.js";
import { reasonOf } from "./reason.js";

export type { Symbol };

/** @throws {ImageError} if it can't be read or has no symbols. @throws {ElfError} if it is a damaged ELF file. */
export function readSymbolFile(path: string): readonly Symbol[] {
  const symbols = readSymbols(read(path), path);
  if (symbols.length === 0) {
    throw new ImageError(
      "IMAGE_UNREADABLE",
      `${path} names nothing: give an ELF file that was not stripped, or a System.map`,
    );
  }
  return symbols;
}

function read(path: string): Uint8Array {
  try {
    return readWholeFile(path);
  } catch (fault) {
    throw new ImageError("IMAGE_UNREADABLE", `can't read the symbols ${path}: ${reasonOf(fault)}`);
  }
}
