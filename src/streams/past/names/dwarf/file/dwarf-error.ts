/** What is said of debugging information that cannot be read. */
import { hexAddress } from "../../../../../reducers/hex.js";

/**
 * `DAMAGED`: it contradicts itself, or ends too early. `TOO_LARGE`: it is beyond a bound of docs/limits.md.
 * `UNSUPPORTED`: it is of a kind that is not read.
 */
export type DwarfErrorCode = "DAMAGED" | "TOO_LARGE" | "UNSUPPORTED";

/** The message names file, section, offset, and what to do. */
export class DwarfError extends Error {
  override readonly name = "DwarfError";
  readonly section: string;
  /** In the section, in bytes. */
  readonly offset: number;

  constructor(
    readonly code: DwarfErrorCode,
    place: { readonly file: string; readonly section: string; readonly offset: number },
    what: string,
    remedy = REMEDIES[code],
  ) {
    super(`${place.file}: ${place.section}+${hexAddress(place.offset)}: ${what}; ${remedy}`);
    this.section = place.section;
    this.offset = place.offset;
  }
}

const REMEDIES: Readonly<Record<DwarfErrorCode, string>> = {
  DAMAGED: "copy or build the file again, or strip its debugging information (strip -g)",
  TOO_LARGE: "give a file with less debugging information, or strip it (strip -g)",
  UNSUPPORTED: "build it with -gdwarf-5 or -gdwarf-4",
};
