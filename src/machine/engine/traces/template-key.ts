/** What the template of an instruction in its place depends on, in one number of 31 bits. */

/** Where each part begins, and its bits. */
export const KEY = {
  /** Of the instruction in the semantics table. */
  number: { shift: 0, mask: 0x1ff },
  /** The operands that are x0: see `ZERO`. */
  zeros: { shift: 9, mask: 7 },
  /** The rounding mode, or the size of the immediate: see `IMMEDIATE`. */
  detail: { shift: 12, mask: 7 },
  /** See `ACCESS`. */
  access: { shift: 15, mask: 3 },
  /** See `CHECKED`. */
  checked: { shift: 17, mask: 7 },
  /** Loads and stores rely on `directRam`. */
  isDirect: { shift: 20, mask: 1 },
  /** A branch is taken, or the trace goes on behind a jump to a register. */
  isFollowed: { shift: 21, mask: 1 },
} as const satisfies Readonly<Record<string, { readonly shift: number; readonly mask: number }>>;
export type KeyPart = keyof typeof KEY;

/** So that no key is 0. */
export const IS_KEY = 1 << 30;

export const ZERO = { rd: 1, rs1: 2, rs2: 4 } as const;

/** How far a shift by it, or an AND with it, is known to keep a value small. */
export const IMMEDIATE = { any: 0, negative: 1, zero: 2, below32: 3, other: 4 } as const;

/** Of a group of accesses: a lone one, the one that looks for the place (of a single byte), or a later one. */
export const ACCESS = { alone: 0, first: 1, firstOfOneByte: 2, later: 3 } as const;

export const partOf = (key: number, part: KeyPart): number => (key >>> KEY[part].shift) & KEY[part].mask;

export const keyOf = (parts: Readonly<Record<KeyPart, number>>): number =>
  (Object.keys(KEY) as KeyPart[]).reduce((key, part) => key | (parts[part] << KEY[part].shift), IS_KEY);

/** A key without the operands that are x0, except for these. */
export const withZeros = (key: number, zeros: number): number => key & ~((~zeros & KEY.zeros.mask) << KEY.zeros.shift);
