/** Encodings from the semantics table's mask and match: the operands go to the fields that the format names. */
import { FORMATS } from "../../src/machine/isa/formats.js";
import { INSTRUCTION_BY_NAME } from "../../src/machine/isa/instruction-set.js";

export interface EncodedOperands {
  readonly rd?: number;
  readonly rs1?: number;
  readonly rs2?: number;
  readonly rs3?: number;
  /** A displacement, an immediate, a shift amount, or the number of a CSR. Of U formats the upper 20 bits. */
  readonly imm?: number;
  readonly rm?: number;
}

/** Fields outside the row's mask only, so that an operand never turns an instruction into another. */
export function encode(name: string, operands: EncodedOperands = {}): number {
  const row = INSTRUCTION_BY_NAME.get(name);
  if (row === undefined) throw new Error(`no instruction is called ${name}`);
  const { rd = 0, rs1 = 0, rs2 = 0, rs3 = 0, imm = 0, rm = 0 } = operands;
  const sources = (SOURCES_2.has(row.format) ? rs2 << 20 : 0) | (row.format === ffffRm ? rs3 << 27 : 0);
  const fields = (rd << 7) | (rs1 << 15) | sources | (HAS_RM.has(row.format) ? rm << 12 : 0);
  return (row.match | ((fields | immediate(row.format, imm)) & ~row.mask)) >>> 0;
}

const { R, amo, sfence, store, B, fStore, fff, fffRm, ffffRm, xff, ffRm, xfRm, fxRm } = FORMATS;
const HAS_RM = new Set<object>([fffRm, ffffRm, ffRm, xfRm, fxRm]);
const SOURCES_2 = new Set<object>([R, amo, sfence, store, B, fStore, fff, fffRm, ffffRm, xff]);

function immediate(format: object, imm: number): number {
  switch (format) {
    case FORMATS.I:
    case FORMATS.load:
    case FORMATS.fLoad:
    case FORMATS.shift5:
    case FORMATS.shift6:
    case FORMATS.csr:
    case FORMATS.csrRead:
    case FORMATS.csrImm:
      return imm << 20;
    case FORMATS.store:
    case FORMATS.fStore:
      return ((imm & 0xfe0) << 20) | ((imm & 0x1f) << 7);
    case FORMATS.B:
      return ((imm & 0x1000) << 19) | ((imm & 0x7e0) << 20) | ((imm & 0x1e) << 7) | ((imm & 0x800) >> 4);
    case FORMATS.U:
      return imm << 12;
    case FORMATS.J:
      return ((imm & 0x10_0000) << 11) | ((imm & 0x7fe) << 20) | ((imm & 0x800) << 9) | (imm & 0xf_f000);
    default:
      return 0;
  }
}
