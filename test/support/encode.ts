/** Encodings from the instruction table: the operands go to the fields that the format names, beside the fixed bits. */
import { FORMATS, type Format } from "../../src/machine/isa/formats.js";
import { INSTRUCTION_BY_NAME } from "../../src/machine/isa/instruction-set.js";

export interface Operands {
  readonly rd?: number;
  readonly rs1?: number;
  readonly rs2?: number;
  readonly rs3?: number;
  /**
   * A displacement, an immediate, a shift amount, or the number of a CSR; of U formats the whole value, whose low 12
   * bits don't count.
   */
  readonly imm?: number;
  readonly uimm?: number;
  /** The rounding mode; dynamic where absent. */
  readonly rm?: number;
}

const DYNAMIC = 7;

const immediateBits = (format: Format, imm: number): number => {
  switch (format) {
    case FORMATS.store:
    case FORMATS.fStore:
      return ((imm & 0xfe0) << 20) | ((imm & 0x1f) << 7);
    case FORMATS.B:
      return ((imm & 0x1000) << 19) | ((imm & 0x7e0) << 20) | ((imm & 0x1e) << 7) | ((imm & 0x800) >> 4);
    case FORMATS.U:
      return imm & ~0xfff;
    case FORMATS.J:
      return ((imm & 0x10_0000) << 11) | ((imm & 0x7fe) << 20) | ((imm & 0x800) << 9) | (imm & 0xf_f000);
    case FORMATS.I:
    case FORMATS.load:
    case FORMATS.fLoad:
    case FORMATS.shift5:
    case FORMATS.shift6:
    case FORMATS.csr:
    case FORMATS.csrRead:
    case FORMATS.csrImm:
      return imm << 20;
    // An operand that the format has no field for is none.
    default:
      return 0;
  }
};

const { R, store, B, amo, sfence, fStore, fff, fffRm, ffffRm, xff } = FORMATS;
const HAS_ROUNDING: ReadonlySet<Format> = new Set<Format>([fffRm, ffffRm, FORMATS.ffRm, FORMATS.xfRm, FORMATS.fxRm]);
const WITHOUT_RD: ReadonlySet<Format> = new Set<Format>([store, fStore, B]);
const WITH_RS2: ReadonlySet<Format> = new Set<Format>([R, store, B, amo, sfence, fStore, fff, fffRm, ffffRm, xff]);

/** The 32-bit encoding of an instruction of the table. */
export function encode(name: string, operands: Operands = {}): number {
  const instruction = INSTRUCTION_BY_NAME.get(name);
  if (instruction === undefined) throw new Error(`no instruction ${name}`);
  const { rd = 0, rs1 = 0, rs2 = 0, rs3 = 0, imm, uimm, rm = DYNAMIC } = operands;
  const { format, match, mask } = instruction;
  let fields = (uimm ?? rs1) << 15;
  if (!WITHOUT_RD.has(format)) fields |= rd << 7;
  if (WITH_RS2.has(format)) fields |= rs2 << 20;
  if (format === FORMATS.ffffRm) fields |= rs3 << 27;
  if (imm !== undefined) fields |= immediateBits(format, imm);
  if (HAS_ROUNDING.has(format)) fields |= rm << 12;
  // The fixed bits win: an operand may lie where a format has none.
  return (match | (fields & ~mask)) >>> 0;
}
