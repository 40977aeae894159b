/** What a stripped ELF file says of the one that has its debugging information. */
import { hexOfBytes } from "../../../../reducers/hex.js";
import type { ByteSource } from "../../../store/log/byte-source.js";
import { elfSections } from "./file/elf-sections.js";

/** Undefined: it is no ELF file. @throws {DwarfError} if it is damaged */
export function debugLink(
  source: ByteSource,
  title: string,
): { readonly buildId: string | undefined; readonly name: string | undefined } | undefined {
  const sections = elfSections(source, title);
  if (sections === undefined) return undefined;
  const note = sections.find(".note.gnu.build-id")?.cursor(0);
  const nameBytes = note?.u32() ?? 0;
  const idBytes = note?.u32() ?? 0;
  note?.skip(4 + Math.ceil(nameBytes / 4) * 4);
  return {
    buildId: note === undefined ? undefined : hexOfBytes(note.block(idBytes)),
    name: sections.find(".gnu_debuglink")?.text(0),
  };
}
