/** Names in a file that the user names. */
import type { Symbol } from "../../machine/symbol-table.js";
import { readSymbolFile } from "./symbol-file.js";

/** What a file says, read when it is asked for. `past` has the form of it. */
export interface NameFile {
  readonly title: string;
  symbols(): readonly Symbol[];
}

/** An ELF file or a System.map. @throws {ImageError} where it can't be read, or names nothing @throws {ElfError} */
export const openNameFile = (path: string): NameFile => {
  const symbols = readSymbolFile(path);
  return { title: path, symbols: () => symbols };
};
