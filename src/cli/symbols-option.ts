/** `--symbols`: names for addresses, for whoever shows or takes some. */
import type { NameSource } from "../streams/past/names/name-source.js";
import { openNames } from "../streams/session/name-files.js";

export const SYMBOLS_OPTION = {
  symbols: {
    value: "FILE,...",
    file: "read",
    help: "more names for addresses: ELF files, or a kernel's System.map",
  },
} as const;

export const nameFilesIn = (value: string | undefined): readonly string[] => value?.split(",") ?? [];

/** @throws {ImageError} @throws {ElfError} @throws {DwarfError} */
export const namesIn = (value: string | undefined): readonly NameSource[] =>
  nameFilesIn(value).map((path) => openNames(path));
