/** Names in a file that the user names: its symbols, and what its debugging information tells. */
import { findDebugFile } from "../host/debug-file.js";
import { fileSource } from "../host/file-source.js";
import { openNameFile } from "../host/name-file.js";
import { debugLink, dwarfNames } from "../past/names/dwarf/index.js";
import type { NameSource } from "../past/names/name-source.js";
import { LogError, type ByteSource } from "../store/log/index.js";

/**
 * An ELF file or a System.map. A stripped ELF file has its debugging information beside it, or where Debian puts it.
 * @throws {ImageError} where it can't be read, or names nothing. @throws {ElfError} @throws {DwarfError} if damaged
 */
export function openNames(path: string): NameSource {
  const source = opened(path);
  if (source === undefined) return openNameFile(path);
  const own = dwarfNames(source, path);
  if (own !== undefined && own.symbols().length > 0) return own;
  const other = debugFileOf(source, path);
  const debug = other === undefined ? undefined : dwarfNames(fileSource(other), other);
  if (debug !== undefined && own !== undefined) return withFramesOf(own, debug);
  source.close();
  return debug ?? openNameFile(path);
}

/** The files that these names are in: the file itself and, where it is stripped, that one. Throws as `openNames`. */
export function nameFilesOf(path: string): readonly string[] {
  const source = opened(path);
  try {
    const own = source && dwarfNames(source, path);
    if (own !== undefined && own.symbols().length > 0) return [path];
    const debug = source && debugFileOf(source, path);
    if (debug !== undefined) return [path, debug];
    openNameFile(path);
    return [path];
  } finally {
    source?.close();
  }
}

function debugFileOf(source: ByteSource, path: string): string | undefined {
  const link = debugLink(source, path);
  return link && findDebugFile(path, link);
}

/** A stripped file keeps how its frames are left; the one with its debugging information has no longer. */
const withFramesOf = (own: NameSource, debug: NameSource): NameSource =>
  Object.create(debug, {
    unwindRules: { value: (pc: bigint) => debug.unwindRules?.(pc) ?? own.unwindRules?.(pc) },
  }) as NameSource;

/** Undefined: it can't be read. Who reads it for its symbols says why. */
function opened(path: string): ByteSource | undefined {
  try {
    return fileSource(path);
  } catch (fault) {
    if (fault instanceof LogError) return undefined;
    throw fault;
  }
}
