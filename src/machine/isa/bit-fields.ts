/**
 * The bits of an encoding that hold operands, as data: one table serves every decoder and every generator of decoders.
 */

/** One run of an immediate's bits: `width` bits of the encoding from bit `from`, placed at bit `to`. */
export type Piece = readonly [from: number, width: number, to: number];

export interface Immediate {
  readonly pieces: readonly Piece[];
  /** The immediate is sign-extended from this many bits. 32: it is not extended. */
  readonly bits: number;
}

/** The number of a register: `width` bits of the encoding from bit `from`, counted from `base`. */
export interface RegisterField {
  readonly from: number;
  readonly width: number;
  readonly base: number;
}

export const signed = (bits: number, ...pieces: readonly Piece[]): Immediate => ({ pieces, bits });
export const unsigned = (...pieces: readonly Piece[]): Immediate => ({ pieces, bits: 32 });
export const NO_IMMEDIATE = unsigned();

export const register = (from: number): RegisterField => ({ from, width: 5, base: 0 });
/** x8 to x15 in three bits. */
export const popularRegister = (from: number): RegisterField => ({ from, width: 3, base: 8 });
/** A fixed register, which no bits name. */
export const fixedRegister = (number: number): RegisterField => ({ from: 0, width: 0, base: number });

export const ones = (width: number): number => (1 << width) - 1;

export function immediateOf(raw: number, { pieces, bits }: Immediate): number {
  let value = 0;
  for (const [from, width, to] of pieces) value |= ((raw >>> from) & ones(width)) << to;
  return (value << (32 - bits)) >> (32 - bits);
}

/** The inverse: the encoding's bits that hold this immediate. */
export const placed = (value: number, { pieces }: Immediate): number =>
  pieces.reduce((raw, [from, width, to]) => raw | (((value >>> to) & ones(width)) << from), 0);

export const registerOf = (raw: number, { from, width, base }: RegisterField): number =>
  base + ((raw >>> from) & ones(width));
