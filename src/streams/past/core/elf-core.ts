/** The headers of a core file (System V gABI, ELF64, ET_CORE for RISC-V). */
import { DRAM_BASE } from "../../../machine/memory-map.js";
import { RAM_PAGE_BYTES } from "../../../machine/ram.js";
import type { Segment } from "./segments.js";

/** What stands before RAM in the file: ELF header, program headers, notes. It ends at a page. */
export function headersOf(segments: readonly Segment[], notes: Uint8Array): Uint8Array {
  const programHeaders = 1 + segments.length;
  const notesOffset = HEADER_BYTES + programHeaders * PROGRAM_HEADER_BYTES;
  const ramOffset = Math.ceil((notesOffset + notes.length) / RAM_PAGE_BYTES) * RAM_PAGE_BYTES;
  const bytes = new Uint8Array(ramOffset);
  const view = new DataView(bytes.buffer);
  writeHeader(view, programHeaders);
  const rows: ProgramHeader[] = [
    { type: PT_NOTE, flags: 0, offset: notesOffset, virtual: 0n, physical: 0, fileBytes: notes.length, bytes: 0 },
    ...segments.map(({ virtual, ramOffset: at, bytes: length, fileBytes, dataOffset }) => ({
      type: PT_LOAD,
      flags: PF_RWX,
      offset: ramOffset + dataOffset,
      virtual,
      physical: DRAM_BASE + at,
      fileBytes,
      bytes: length,
    })),
  ];
  rows.forEach((row, index) => {
    writeProgramHeader(view, HEADER_BYTES + index * PROGRAM_HEADER_BYTES, row);
  });
  bytes.set(notes, notesOffset);
  return bytes;
}

const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
/** 64 bits, little-endian, version 1. */
const IDENTIFICATION = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1];
const ET_CORE = 4;
const EM_RISCV = 243;
const EV_CURRENT = 1;
/** Compressed instructions, and doubles in float registers. */
const EF_RISCV_RVC_DOUBLE = 5;
const PT_LOAD = 1;
const PT_NOTE = 4;
const PF_RWX = 7;

function writeHeader(view: DataView, programHeaders: number): void {
  IDENTIFICATION.forEach((byte, index) => {
    view.setUint8(index, byte);
  });
  view.setUint16(16, ET_CORE, true);
  view.setUint16(18, EM_RISCV, true);
  view.setUint32(20, EV_CURRENT, true);
  view.setBigUint64(32, BigInt(HEADER_BYTES), true);
  view.setUint32(48, EF_RISCV_RVC_DOUBLE, true);
  view.setUint16(52, HEADER_BYTES, true);
  view.setUint16(54, PROGRAM_HEADER_BYTES, true);
  view.setUint16(56, programHeaders, true);
}

interface ProgramHeader {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly virtual: bigint;
  readonly physical: number;
  readonly fileBytes: number;
  readonly bytes: number;
}

function writeProgramHeader(view: DataView, at: number, row: ProgramHeader): void {
  view.setUint32(at, row.type, true);
  view.setUint32(at + 4, row.flags, true);
  const words = [row.offset, row.virtual, row.physical, row.fileBytes, row.bytes, row.type === PT_LOAD ? PAGE : 4];
  words.forEach((word, index) => {
    view.setBigUint64(at + 8 + 8 * index, BigInt(word), true);
  });
}

const PAGE = RAM_PAGE_BYTES;
