/** The texts that a guest's programs were compiled from, where they lie on this host. */
import { statSync } from "node:fs";
import { extname } from "node:path";

import type { Images } from "../../machine/initial-state.js";
import { bootNames } from "../past/names/boot-names.js";
import { DwarfError } from "../past/names/dwarf/index.js";
import { Names } from "../past/names/names.js";
import type { Recording } from "../past/recording.js";
import { openNames } from "../session/name-files.js";
import { SourcePaths } from "../session/source-paths.js";

/** Of one file: it is written by people. */
export const MAX_SOURCE_BYTES = 1 << 20;
/** Of all of a recording's. */
export const MAX_SOURCES_BYTES = 1 << 25;
export const MAX_SOURCES = 4096;

/**
 * Debugging information may name any file of this host, and a page is sent to others: what is not called as a source
 * is, is not put into it.
 */
const ENDINGS: ReadonlySet<string> = new Set(
  (
    ".c .h .s .S .sx .asm .inc .cc .cpp .cxx .c++ .C .hh .hpp .hxx .h++ .H .inl .ipp .tcc .rs .zig .go .d .nim .adb .ads " +
    ".f .for .f90 .f95 .f03 .f08 .F .F90 .pas .swift .m .mm .l .y .ll .def .cr .hs .ml .v .odin .jai .c3 .vala"
  ).split(" "),
);

export interface SourceFile {
  /** As the debugging information calls it. */
  readonly name: string;
  readonly path: string;
  readonly byteLength: number;
}

/** By the images: of all recordings of a family they are the same. */
const known = new WeakMap<Images, readonly SourceFile[]>();

/** Of what was compiled into the images, and the files that the user named. @throws {ImageError} */
export function sourceFilesOf(recording: Recording): readonly SourceFile[] {
  const { images } = recording;
  let files = known.get(images);
  if (files === undefined) known.set(images, (files = withinBounds(found(recording))));
  return files;
}

/** Up to the bounds: the page says of the rest that it has no text of it. */
export function withinBounds(files: readonly SourceFile[]): readonly SourceFile[] {
  let room = MAX_SOURCES_BYTES;
  return files.slice(0, MAX_SOURCES).filter(({ byteLength }) => {
    if (byteLength > room) return false;
    room -= byteLength;
    return true;
  });
}

function found(recording: Recording): readonly SourceFile[] {
  const { imageDigests, nameFiles } = recording;
  const paths = new SourcePaths({}, [...imageDigests.map(({ path }) => path), ...nameFiles]);
  return namesOf(recording)
    .filter((name) => ENDINGS.has(extname(name)))
    .flatMap((name) => {
      const path = paths.find(name);
      const byteLength = path === undefined ? undefined : sizeOf(path);
      if (path === undefined || byteLength === undefined || byteLength > MAX_SOURCE_BYTES) return [];
      return [{ name, path, byteLength }];
    });
}

/** A kernel that is in memory has none, and is not waited for. Damage is told by who asks for names. */
function namesOf({ config, images, nameFiles }: Recording): readonly string[] {
  const names = new Names(() => [...bootNames(config.memoryBytes, images), ...nameFiles.map(openNames)]);
  try {
    return names.sourceFiles();
  } catch (fault) {
    if (fault instanceof DwarfError) return [];
    throw fault;
  }
}

function sizeOf(path: string): number | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true ? found.size : undefined;
}
