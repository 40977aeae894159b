/** The decoder's table in the engine's memory: the encodings of each bucket, in order of trial. */
import { NO_IMMEDIATE, ones, unsigned, type Immediate, type RegisterField } from "../../isa/bit-fields.js";
import { BUCKETS, encodingsOf, type Encoding } from "../../isa/encodings.js";
import { handlerOf, hasWideImmediate } from "../slot-form.js";
import { DECODER_TABLE, DECODER_TABLE_END, HANDLER } from "../layout.js";

/**
 * u32 mask, u32 match, u16 handler. Then u8s: whether the immediate is wide, its number, and three per register: first
 * bit, mask, base.
 */
export const ROW_BYTES = 24;
export const ROW = { mask: 0, match: 4, handler: 8, isWide: 10, immediate: 11, rd: 12, rs1: 15, rs2: 18 } as const;
export const REGISTER = { from: 0, mask: 1, base: 2 } as const;

/** What floating-point instructions have in place of an immediate: rm, and above it rs3 as an offset in its file. */
export const ROUNDING = unsigned([12, 3, 0], [27, 5, 3]);
/** The table begins with one u16 per bucket: the address of its first row. */
const ROWS = DECODER_TABLE + BUCKETS * 2;

export interface DecoderTable {
  readonly bytes: Uint8Array;
  /** Indexed by their numbers in the rows. */
  readonly immediates: readonly Immediate[];
}

export function decoderTable(): DecoderTable {
  const bytes = new Uint8Array(DECODER_TABLE_END - DECODER_TABLE);
  const view = new DataView(bytes.buffer);
  const immediates: Immediate[] = [];
  let at = ROWS - DECODER_TABLE;

  const writeRegister = (offset: number, { from, width, base }: RegisterField): void => {
    view.setUint8(offset + REGISTER.from, from);
    view.setUint8(offset + REGISTER.mask, ones(width));
    view.setUint8(offset + REGISTER.base, base);
  };
  const writeRow = ({ mask, match, instruction, bytes: length, rd, rs1, rs2, imm: given }: Encoding): void => {
    const imm = length === 4 && given === NO_IMMEDIATE ? ROUNDING : given;
    if (!immediates.includes(imm)) immediates.push(imm);
    const isFloat = instruction?.format.writesFloat === true;
    view.setUint32(at + ROW.mask, mask, true);
    view.setUint32(at + ROW.match, match, true);
    view.setUint16(
      at + ROW.handler,
      instruction === undefined ? HANDLER.illegal : handlerOf(instruction, length),
      true,
    );
    view.setUint8(at + ROW.isWide, Number(instruction !== undefined && hasWideImmediate(instruction.format)));
    view.setUint8(at + ROW.immediate, immediates.indexOf(imm));
    writeRegister(at + ROW.rd, isFloat ? rd : { ...rd, base: rd.base - 1 });
    writeRegister(at + ROW.rs1, rs1);
    writeRegister(at + ROW.rs2, rs2);
    at += ROW_BYTES;
  };
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    view.setUint16(bucket * 2, DECODER_TABLE + at, true);
    encodingsOf(bucket).forEach(writeRow);
    // A row that every encoding matches.
    view.setUint16(at + ROW.handler, HANDLER.illegal, true);
    at += ROW_BYTES;
  }
  return { bytes: bytes.subarray(0, at), immediates };
}
