/** Reads the loadable part of an ELF64 RISC-V executable, and its symbols (System V gABI; RISC-V psABI, chapter 8). */
import { check } from "../options/check.js";
import { bytes as aUint8Array, exactly, text } from "../options/codecs.js";
import { hexAddress } from "../reducers/hex.js";

export interface ElfSegment {
  /** p_paddr: where the loader puts the bytes. */
  readonly physicalAddress: bigint;
  /** p_vaddr: where the program expects the bytes once it has page tables. */
  readonly virtualAddress: bigint;
  /** The bytes in the file, as a view of the file. */
  readonly bytes: Uint8Array;
  /** p_memsz: the memory beyond `bytes` is zero (.bss). */
  readonly memoryBytes: bigint;
  /** p_offset: where `bytes` begins in the file. */
  readonly fileOffset: number;
}

export interface Elf {
  /** e_entry as a physical address. For an entry in a segment, the segment's offset to physical is applied. */
  readonly entry: bigint;
  /** PT_LOAD segments that are not empty, by ascending physical address, without overlap. */
  readonly segments: readonly ElfSegment[];
  /** The lowest physical address of any segment. */
  readonly lowAddress: bigint;
  /** The first physical address after the last segment. */
  readonly highAddress: bigint;
  /** The program can run at any address (ET_DYN). */
  readonly isPositionIndependent: boolean;
  /** The linked address of its dynamic section. */
  readonly dynamicAddress: bigint | undefined;
  /** Where the file's own headers end. Linkers often put them into the first segment. */
  readonly headersEnd: number;
}

export interface ElfSymbol {
  readonly name: string;
  readonly address: bigint;
  readonly sizeBytes: bigint;
  readonly kind: "function" | "object" | "label";
}

export type ElfErrorCode =
  | "ELF_NOT_ELF"
  | "ELF_TRUNCATED"
  | "ELF_WRONG_CLASS"
  | "ELF_WRONG_ENDIANNESS"
  | "ELF_WRONG_MACHINE"
  | "ELF_NOT_EXECUTABLE"
  | "ELF_MALFORMED"
  | "ELF_SEGMENTS_OVERLAP"
  | "ELF_NOTHING_TO_LOAD"
  | "ELF_NEEDS_LINKING";

/** No riscv64 machine can load the file. The message says why and what to do. */
export class ElfError extends Error {
  override readonly name = "ElfError";
  constructor(
    readonly code: ElfErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/** Whether the bytes begin with ELF's magic number. */
export const isElf = (bytes: Uint8Array): boolean => MAGIC.every((byte, index) => bytes[index] === byte);

const FILE = exactly<{ readonly bytes: Uint8Array; readonly name: string }>({ bytes: aUint8Array, name: text });

/** The loadable part of `bytes`. `name` is the file's name for messages. @throws {ElfError} */
export const readElf = (bytes: Uint8Array, name = "the ELF file"): Elf => {
  check("readElf", FILE, { bytes, name });
  const header = readHeader(bytes, name);
  const segments = programHeaders(bytes, header, name).sort((a, b) => compare(a.physicalAddress, b.physicalAddress));
  const [first] = segments;
  const last = segments.at(-1);
  if (first === undefined || last === undefined) {
    throw new ElfError("ELF_NOTHING_TO_LOAD", `${name} has no PT_LOAD segment: it is not a linked program.`);
  }
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1];
    if (next !== undefined && endOf(segment) > next.physicalAddress) {
      throw new ElfError(
        "ELF_SEGMENTS_OVERLAP",
        `${name}: the segment at ${hexAddress(segment.physicalAddress)} ends at ${hexAddress(endOf(segment))}, inside the segment ` +
          `at ${hexAddress(next.physicalAddress)}. Check the load addresses (LMA) in its linker script.`,
      );
    }
  }
  return {
    entry: physicalEntry(header.entry, segments),
    segments,
    lowAddress: first.physicalAddress,
    highAddress: endOf(last),
    isPositionIndependent: header.type === ET_DYN,
    dynamicAddress: dynamicAddress(bytes, header, name),
    headersEnd: header.programHeadersEnd,
  };
};

/**
 * Functions, objects and labels of the symbol table, by ascending address. Empty if the file is stripped. @throws
 * {ElfError}
 */
export const readElfSymbols = (bytes: Uint8Array, name = "the ELF file"): readonly ElfSymbol[] => {
  check("readElfSymbols", FILE, { bytes, name });
  const { sectionHeaders } = readHeader(bytes, name);
  const sections = tableRows(bytes, sectionHeaders, `${name}: section headers`);
  const table = sections.find((section) => section.getUint32(4, true) === SHT_SYMTAB);
  const strings = table && sections[table.getUint32(0x28, true)];
  if (table === undefined || strings === undefined) return [];
  return elfSymbolsOf(
    sectionBytes(bytes, table, `${name}: symbols`),
    sectionBytes(bytes, strings, `${name}: symbol names`),
  );
};

/** Those of a symbol table, by ascending address. `rows`, `names`: its section, and that of its names. */
export const elfSymbolsOf = (rows: Uint8Array, names: Uint8Array): readonly ElfSymbol[] => {
  const symbols: ElfSymbol[] = [];
  const view = viewOf(rows);
  for (let row = 0; row + SYMBOL_BYTES <= rows.length; row += SYMBOL_BYTES) {
    const kind = SYMBOL_KINDS[view.getUint8(row + 4) & 0xf];
    const isDefined = view.getUint16(row + 6, true) !== 0;
    if (kind === undefined || !isDefined) continue;
    const name = cString(names, view.getUint32(row, true));
    // "$x" and "$d" only mark where code and data begin (RISC-V psABI, 8.4). A tool would show them as functions.
    if (name === "" || name.startsWith("$")) continue;
    symbols.push({
      name,
      address: view.getBigUint64(row + 8, true),
      sizeBytes: view.getBigUint64(row + 16, true),
      kind,
    });
  }
  // The global ones are the last of a table: of several at one address, they are meant.
  return symbols.reverse().sort((a, b) => compare(a.address, b.address));
};

const MAGIC = [0x7f, 0x45, 0x4c, 0x46];
const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const SECTION_HEADER_BYTES = 64;
const SYMBOL_BYTES = 24;
/** What is longer is cut off: all the symbols of a hostile file may share one name as long as the file. */
const MAX_NAME_BYTES = 4096;
const ELFCLASS64 = 2;
const ELFDATA2LSB = 1;
const ET_EXEC = 2;
const ET_DYN = 3;
const EM_RISCV = 243;
const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const SHT_SYMTAB = 2;

const SYMBOL_KINDS: Readonly<Record<number, ElfSymbol["kind"]>> = { 0: "label", 1: "object", 2: "function" };

const MACHINES: Readonly<Record<number, string>> = { 3: "x86 (i386)", 40: "ARM", 62: "x86-64", 183: "AArch64" };

interface Table {
  readonly offset: bigint;
  readonly rowBytes: number;
  readonly rows: number;
}

interface Header {
  readonly type: number;
  readonly entry: bigint;
  readonly programHeaders: Table;
  readonly programHeadersEnd: number;
  readonly sectionHeaders: Table;
}

const readHeader = (bytes: Uint8Array, name: string): Header => {
  if (!isElf(bytes)) {
    throw new ElfError("ELF_NOT_ELF", `${name} is not an ELF file: it does not begin with 7f 45 4c 46.`);
  }
  if (bytes.length < HEADER_BYTES) throw truncated(name, "its header", BigInt(HEADER_BYTES), bytes);
  const view = viewOf(bytes);
  const remedy = "Build it for riscv64 (for example with riscv64-unknown-elf-gcc).";
  if (bytes[4] !== ELFCLASS64) {
    throw new ElfError("ELF_WRONG_CLASS", `${name} is a 32-bit ELF file, and the machine's harts are RV64. ${remedy}`);
  }
  if (bytes[5] !== ELFDATA2LSB) {
    throw new ElfError("ELF_WRONG_ENDIANNESS", `${name} is big-endian, and the machine is little-endian. ${remedy}`);
  }
  const machine = view.getUint16(18, true);
  if (machine !== EM_RISCV) {
    const built = MACHINES[machine] ?? `machine number ${machine}`;
    throw new ElfError("ELF_WRONG_MACHINE", `${name} is built for ${built}, not for RISC-V. ${remedy}`);
  }
  const type = view.getUint16(16, true);
  if (type !== ET_EXEC && type !== ET_DYN) {
    throw new ElfError("ELF_NOT_EXECUTABLE", `${name} is not an executable (e_type ${type}). Link it first.`);
  }
  const programHeaders = {
    offset: view.getBigUint64(32, true),
    rowBytes: view.getUint16(54, true),
    rows: view.getUint16(56, true),
  };
  const sectionHeaders = {
    offset: view.getBigUint64(40, true),
    rowBytes: view.getUint16(58, true),
    rows: view.getUint16(60, true),
  };
  if (programHeaders.rows > 0 && programHeaders.rowBytes < PROGRAM_HEADER_BYTES) {
    throw new ElfError("ELF_MALFORMED", `${name}: e_phentsize is ${programHeaders.rowBytes}, not 56.`);
  }
  if (sectionHeaders.rows > 0 && sectionHeaders.rowBytes < SECTION_HEADER_BYTES) {
    throw new ElfError("ELF_MALFORMED", `${name}: e_shentsize is ${sectionHeaders.rowBytes}, not 64.`);
  }
  return {
    type,
    entry: view.getBigUint64(24, true),
    programHeaders,
    programHeadersEnd: Number(programHeaders.offset) + programHeaders.rows * programHeaders.rowBytes,
    sectionHeaders,
  };
};

const programHeaders = (bytes: Uint8Array, header: Header, name: string): ElfSegment[] =>
  tableRows(bytes, header.programHeaders, `${name}: program headers`).flatMap((row, index) => {
    const memoryBytes = row.getBigUint64(40, true);
    if (row.getUint32(0, true) !== PT_LOAD || memoryBytes === 0n) return [];
    const what = `segment ${index}`;
    const fileBytes = row.getBigUint64(32, true);
    const physicalAddress = row.getBigUint64(24, true);
    if (fileBytes > memoryBytes || physicalAddress + memoryBytes > 1n << 64n) {
      throw new ElfError("ELF_MALFORMED", `${name}: ${what} has sizes that cannot be: link it again.`);
    }
    const fileOffset = row.getBigUint64(8, true);
    return {
      physicalAddress,
      virtualAddress: row.getBigUint64(16, true),
      bytes: slice(bytes, fileOffset, fileBytes, name, what),
      memoryBytes,
      fileOffset: Number(fileOffset),
    };
  });

const dynamicAddress = (bytes: Uint8Array, header: Header, name: string): bigint | undefined =>
  tableRows(bytes, header.programHeaders, `${name}: program headers`)
    .find((row) => row.getUint32(0, true) === PT_DYNAMIC)
    ?.getBigUint64(16, true);

// A kernel linked at a virtual address has a virtual e_entry, but starts before it has page tables.
const physicalEntry = (entry: bigint, segments: readonly ElfSegment[]): bigint => {
  const home = segments.find(
    ({ virtualAddress, memoryBytes }) => entry >= virtualAddress && entry < virtualAddress + memoryBytes,
  );
  return home === undefined ? entry : entry - home.virtualAddress + home.physicalAddress;
};

const tableRows = (bytes: Uint8Array, { offset, rowBytes, rows }: Table, what: string): DataView[] => {
  const table = slice(bytes, offset, BigInt(rowBytes * rows), what, "the table");
  return Array.from({ length: rows }, (_, row) => viewOf(table.subarray(row * rowBytes, (row + 1) * rowBytes)));
};

const sectionBytes = (bytes: Uint8Array, section: DataView, what: string): Uint8Array =>
  slice(bytes, section.getBigUint64(0x18, true), section.getBigUint64(0x20, true), what, "the section");

const slice = (bytes: Uint8Array, offset: bigint, length: bigint, name: string, what: string): Uint8Array => {
  if (length === 0n) return bytes.subarray(0, 0);
  if (offset + length > BigInt(bytes.length)) throw truncated(name, what, offset + length, bytes);
  return bytes.subarray(Number(offset), Number(offset + length));
};

const truncated = (name: string, what: string, needed: bigint, bytes: Uint8Array): ElfError =>
  new ElfError(
    "ELF_TRUNCATED",
    `${name} is cut short: ${what} ends at byte ${needed}, and the file has ${bytes.length}. ` +
      "Copy or build it again.",
  );

const cString = (bytes: Uint8Array, start: number): string => {
  const longest = bytes.subarray(start, start + MAX_NAME_BYTES);
  const end = longest.indexOf(0);
  return decoder.decode(end < 0 ? longest : longest.subarray(0, end));
};

const decoder = new TextDecoder();
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const endOf = (segment: ElfSegment): bigint => segment.physicalAddress + segment.memoryBytes;
const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
