/** The decoder's table in the engine's memory: the encodings of each bucket, in order of trial. */
import { ones, type Immediate, type RegisterField } from "../isa/bit-fields.js";
import { BUCKETS, encodingsOf, type Encoding } from "../isa/encodings.js";
import { handlerOf } from "./handlers.js";
import { DECODER_TABLE, DECODER_TABLE_END, HANDLER, X_BASE, X_SINK } from "./layout.js";

/**
 * u32 mask, u32 match, u16 handler, u16 destination of a result for register 0. Then u8s: the number of the immediate,
 * and three per register: first bit, mask, base.
 */
export const ROW_BYTES = 24;
export const ROW = { mask: 0, match: 4, handler: 8, zeroRd: 10, immediate: 12, rd: 13, rs1: 16, rs2: 19 } as const;
export const REGISTER = { from: 0, mask: 1, base: 2 } as const;

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
  const writeRow = ({ mask, match, instruction, bytes: length, rd, rs1, rs2, imm }: Encoding): void => {
    if (!immediates.includes(imm)) immediates.push(imm);
    // The f registers lie at a fixed distance behind the x registers, and f0 is an ordinary register.
    const keepsZero = instruction?.format.writesFloat === true;
    view.setUint32(at + ROW.mask, mask, true);
    view.setUint32(at + ROW.match, match, true);
    view.setUint16(
      at + ROW.handler,
      instruction === undefined ? HANDLER.illegal : handlerOf(instruction, length),
      true,
    );
    view.setUint16(at + ROW.zeroRd, keepsZero ? X_BASE : X_SINK, true);
    view.setUint8(at + ROW.immediate, immediates.indexOf(imm));
    writeRegister(at + ROW.rd, rd);
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
