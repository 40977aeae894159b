/** The sections of a 64-bit ELF file (System V gABI, chapter 4), found by name and read when they are asked for. */
import type { ByteSource } from "../../../../store/log/byte-source.js";
import { cursorOver, type Cursor } from "./cursor.js";
import { DwarfError, type DwarfErrorCode } from "./dwarf-error.js";
import { inflated } from "./inflate.js";
import { Section } from "./section.js";

export interface ElfSections {
  /** For messages. */
  readonly file: string;
  /** Undefined: there is none of this name, or its bytes are in another file. @throws {DwarfError} */
  find(name: string): Section | undefined;
  /** The program may run elsewhere than it was linked for (ET_DYN). */
  readonly isPositionIndependent: boolean;
  /** What its calling convention passes in a floating-point register: 0, 4, 8 or 16 bytes. */
  readonly floatRegisterBytes: number;
}

/** Undefined: it is no ELF file. @throws {DwarfError} if it is damaged, or not for a 64-bit little-endian machine. */
export function elfSections(source: ByteSource, file: string): ElfSections | undefined {
  const fail = (code: DwarfErrorCode, offset: number, what: string, remedy?: string): DwarfError =>
    new DwarfError(code, { file, section: "ELF header", offset }, what, remedy);
  const at = (offset: number, length: number): Cursor => {
    if (offset + length > source.size) {
      throw fail("DAMAGED", offset, `it is cut short: the file has ${String(source.size)} bytes`);
    }
    return cursorOver(source.read(offset, length), offset, { error: fail });
  };
  if (source.size < 4 || at(0, 4).u32() !== MAGIC) return undefined;
  const header = at(0, HEADER_BYTES);
  if (header.goTo(4).u16() !== CLASS64_LITTLE) {
    throw fail("UNSUPPORTED", 4, "it is not for a 64-bit little-endian machine", "build it for riscv64");
  }
  const isPositionIndependent = header.goTo(16).u16() === ET_DYN;
  const floatAbi = (header.goTo(48).u32() & EF_RISCV_FLOAT_ABI) >> 1;
  const floatRegisterBytes = floatAbi === 0 ? 0 : 2 << floatAbi;
  const headers = sectionHeaders(header, at);
  const names = headers.rows[headers.namesIndex];
  const byName = new Map<string, SectionHeader>();
  if (names !== undefined) {
    const texts = plainSection(source, file, ".shstrtab", names);
    for (const row of headers.rows) byName.set(texts.text(row.name), row);
  }
  const opened = new Map<string, Section | undefined>();
  const find = (name: string): Section | undefined => {
    if (!opened.has(name)) opened.set(name, open(source, file, name, byName));
    return opened.get(name);
  };
  return { file, isPositionIndependent, floatRegisterBytes, find };
}

/** 7f 45 4c 46. */
const MAGIC = 0x464c_457f;
const HEADER_BYTES = 64;
const CLASS64_LITTLE = 0x0102;
const ET_DYN = 3;
/** RISC-V ELF psABI specification, "File Header". */
const EF_RISCV_FLOAT_ABI = 0x6;
const SECTION_HEADER_BYTES = 64;
const SHN_XINDEX = 0xffff;
const SHT_NOBITS = 8;
const SHF_COMPRESSED = 0x800n;
/** An object of one function a section has many; a linked program some fifty. */
export const MAX_SECTIONS = 2 ** 17;

interface SectionHeader {
  readonly name: number;
  readonly type: number;
  readonly flags: bigint;
  readonly address: bigint;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

type ReadAt = (offset: number, length: number) => Cursor;

function sectionHeaders(
  header: Cursor,
  at: ReadAt,
): { readonly rows: readonly SectionHeader[]; readonly namesIndex: number } {
  const offset = header.goTo(40).sectionOffset(8);
  const rowBytes = header.goTo(58).u16();
  const told = header.u16();
  const toldNames = header.u16();
  if (offset === 0) return { rows: [], namesIndex: 0 };
  if (rowBytes !== SECTION_HEADER_BYTES) throw header.error("DAMAGED", `e_shentsize is ${String(rowBytes)}, not 64`);
  // Where there are more than the fields can say, the first row says it.
  const first = sectionHeader(at(offset, rowBytes));
  const count = told === 0 ? first.size : told;
  if (count > MAX_SECTIONS) throw header.error("TOO_LARGE", `it has ${String(count)} sections`);
  const table = at(offset, count * rowBytes);
  const rows = Array.from({ length: count }, (_, row) => sectionHeader(table.goTo(offset + row * rowBytes)));
  return { rows, namesIndex: toldNames === SHN_XINDEX ? first.link : toldNames };
}

const sectionHeader = (row: Cursor): SectionHeader => ({
  name: row.u32(),
  type: row.u32(),
  flags: row.u64(),
  address: row.u64(),
  offset: row.sectionOffset(8),
  size: row.sectionOffset(8),
  link: row.u32(),
});

function open(
  source: ByteSource,
  file: string,
  name: string,
  byName: ReadonlyMap<string, SectionHeader>,
): Section | undefined {
  const header = byName.get(name);
  if (header !== undefined) {
    if (header.type === SHT_NOBITS) return undefined;
    const section = plainSection(source, file, name, header);
    return (header.flags & SHF_COMPRESSED) === 0n ? section : inflatedSection(file, section, "gABI");
  }
  // As GNU's tools named compressed sections before the gABI had them.
  const old = name.startsWith(".debug_") ? byName.get(`.z${name.slice(1)}`) : undefined;
  return old && inflatedSection(file, plainSection(source, file, `.z${name.slice(1)}`, old), "GNU");
}

function plainSection(
  source: ByteSource,
  file: string,
  name: string,
  { offset, size, address }: SectionHeader,
): Section {
  if (offset + size > source.size) {
    const what = `the section ends at byte ${String(offset + size)}, and the file has ${String(source.size)}`;
    throw new DwarfError("DAMAGED", { file, section: name, offset: 0 }, what);
  }
  return new Section(file, name, size, address, source, offset);
}

function inflatedSection(file: string, section: Section, form: "gABI" | "GNU"): Section {
  const bytes = inflated(section, form);
  const read = (offset: number, length: number): Uint8Array => bytes.subarray(offset, offset + length);
  return new Section(file, section.name, bytes.length, section.address, { read });
}
