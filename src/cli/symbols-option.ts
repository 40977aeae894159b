/** `--symbols`: names for addresses, for whoever shows or takes some. */
import { readSymbolFile, type Symbol } from "../streams/host/symbol-file.js";

export const SYMBOLS_OPTION = {
  symbols: {
    value: "FILE,...",
    file: "read",
    help: "more names for addresses: ELF files, or a kernel's System.map",
  },
} as const;

/** @throws {ImageError} @throws {ElfError} */
export const symbolsIn = (value: string | undefined): readonly Symbol[] =>
  (value?.split(",") ?? []).flatMap((path) => readSymbolFile(path));
