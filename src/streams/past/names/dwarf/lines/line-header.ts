/** What stands before a line program: the files, and how its opcodes count (DWARF 5, section 6.2.4; DWARF 2 to 4). */
import type { Cursor } from "../file/cursor.js";
import type { Section } from "../file/section.js";
import { FORM } from "../entries/constants.js";
import { readForm, type AttributeValue, type UnitFormat } from "../entries/forms.js";
import type { Unit } from "../entries/unit.js";

/** A unit of C includes some hundreds; a link of a whole program as one unit has all its sources. */
export const MAX_FILES = 2 ** 18;

export interface LineHeader {
  readonly section: Section;
  /** Where the program begins, and ends. */
  readonly programAt: number;
  readonly end: number;
  readonly addressBytes: number;
  readonly version: number;
  readonly minInstructionBytes: number;
  readonly maxOperations: number;
  readonly defaultIsStatement: boolean;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** Operands of each standard opcode, by its number. */
  readonly operands: readonly number[];
  /** By the number that a program gives. A relative name has the folder that it was compiled in before it. */
  readonly files: readonly string[];
}

/** The header at an offset of .debug_line. `unit`: whose lines they are. @throws {DwarfError} */
export function readLineHeader(unit: Unit, offset: number, folder: string | undefined): LineHeader {
  const section = unit.section(".debug_line");
  const cursor = section.cursor(offset);
  const { length, offsetBytes } = cursor.initialLength();
  const end = cursor.offset + length;
  if (end > section.size) throw section.error("DAMAGED", offset, "a line program ends behind the section");
  const version = cursor.u16();
  if (version < 2 || version > 5) {
    throw section.error("UNSUPPORTED", offset, `a line program is of version ${String(version)}; 2 to 5 are read`);
  }
  const addressBytes = version >= 5 ? cursor.u8() : unit.header.addressBytes;
  if (version >= 5) cursor.skip(1);
  const headerBytes = cursor.sectionOffset(offsetBytes);
  const programAt = cursor.offset + headerBytes;
  if (programAt > end) throw section.error("DAMAGED", offset, "a line program ends within its header");
  const minInstructionBytes = cursor.u8();
  const maxOperations = version >= 4 ? cursor.u8() : 1;
  const defaultIsStatement = cursor.u8() !== 0;
  const lineBase = cursor.s8();
  const lineRange = cursor.u8();
  const opcodeBase = cursor.u8();
  if (lineRange === 0) throw section.error("DAMAGED", offset, "a line program's line_range is 0");
  const operands = Array.from({ length: Math.max(opcodeBase, 1) }, (_, opcode) => (opcode === 0 ? 0 : cursor.u8()));
  const format = { version, addressBytes, offsetBytes };
  const files = version >= 5 ? newFiles(cursor, unit, format) : oldFiles(cursor, folder ?? "");
  return {
    ...{ section, programAt, end, addressBytes, version, minInstructionBytes, maxOperations, defaultIsStatement },
    ...{ lineBase, lineRange, opcodeBase, operands, files },
  };
}

/** Numbered from 1; directory 0 is the folder that the unit was compiled in. */
function oldFiles(cursor: Cursor, folder: string): readonly string[] {
  const folders = [folder];
  for (let name = cursor.text(); name !== ""; name = cursor.text()) {
    checkCount(cursor, folders.length);
    folders.push(joined(folder, name));
  }
  const files = [""];
  for (let name = cursor.text(); name !== ""; name = cursor.text()) {
    checkCount(cursor, files.length);
    files.push(joined(folders[cursor.uleb()] ?? "", name));
    cursor.skipLeb();
    cursor.skipLeb();
  }
  return files;
}

const CONTENT = { path: 1, directory: 2 };

/** Numbered from 0: the unit's own file; directory 0 is the folder that it was compiled in. */
function newFiles(cursor: Cursor, unit: Unit, format: UnitFormat): readonly string[] {
  const folders = readEntries(cursor, unit, format).map(({ path }) => path);
  const [folder = ""] = folders;
  const absolute = folders.map((name, index) => (index === 0 ? name : joined(folder, name)));
  return readEntries(cursor, unit, format).map(({ path, directory }) => joined(absolute[directory] ?? "", path));
}

function readEntries(cursor: Cursor, unit: Unit, format: UnitFormat): { path: string; directory: number }[] {
  const shape = Array.from({ length: cursor.u8() }, () => ({ content: cursor.uleb(), form: cursor.uleb() }));
  const count = cursor.uleb();
  checkCount(cursor, count);
  return Array.from({ length: count }, () => {
    const entry = { path: "", directory: 0 };
    for (const { content, form } of shape) {
      if (form === FORM.implicit_const) throw cursor.error("DAMAGED", "a file has a form that is of abbreviations");
      const value = readForm(cursor, form, 0n, format);
      if (content === CONTENT.path) entry.path = unit.text(value) ?? "";
      if (content === CONTENT.directory) entry.directory = numberOf(value);
    }
    return entry;
  });
}

const numberOf = (value: AttributeValue): number => (value.kind === "constant" ? Number(value.value) : 0);

function checkCount(cursor: Cursor, count: number): void {
  if (count > MAX_FILES) throw cursor.error("TOO_LARGE", `a line program names ${String(count)} files or folders`);
}

const joined = (folder: string, name: string): string =>
  folder === "" || name.startsWith("/") ? name : `${folder.replace(/\/$/, "")}/${name}`;
