/** What the groups share: where cases of the unprivileged instructions run, and registers that hold addresses. */
import type { Random } from "../../support/seeded-random.js";
import { OPEN_PMP, type Case, type Slot } from "../case.js";
import { CODE_OFFSET, DATA_OFFSET, PAGE, type CsrIn } from "../slot.js";
import { bytes, chance, floats, integers, pick } from "../values.js";

const MPP_SHIFT = 11n;

/** Registers that cases of loads and stores leave alone: each points into the data pages. */
export const POINTERS = [2, 8, 9] as const;
const POINTER_SET = new Set<number>(POINTERS);

/** Any x register but those. */
export const destination = (random: Random): number => {
  for (;;) {
    const register = random(32);
    if (!POINTER_SET.has(register)) return register;
  }
};

export interface PlainOptions {
  readonly csrs?: Partial<Record<CsrIn, bigint>>;
  readonly x?: (x: bigint[], dataVa: bigint) => void;
  /** Where in the two data pages the pointers point. */
  readonly pointerOffsets?: readonly number[];
}

/** Code in M, S or U mode without translation, two pages of random data, FPU on (now and then off). */
export function plainCase(random: Random, slot: Slot, code: Uint8Array, options: PlainOptions = {}): Case {
  const dataVa = slot.base + BigInt(DATA_OFFSET);
  const codeVa = slot.base + BigInt(CODE_OFFSET);
  const x = integers(random);
  POINTERS.forEach((register, index) => {
    x[register] = dataVa + BigInt(options.pointerOffsets?.[index] ?? PAGE);
  });
  options.x?.(x, dataVa);
  const mode = pick(random, [0n, 1n, 3n]);
  const fs = chance(random, 24) ? 0n : BigInt(1 + random(3)) << 13n;
  const csrs = { ...OPEN_PMP, mepc: codeVa, mstatus: (mode << MPP_SHIFT) | fs, fcsr: fcsr(random), ...options.csrs };
  return { x, f: floats(random), csrs, code, codeVa, contents: [[DATA_OFFSET, bytes(random, 2 * PAGE)]] };
}

/** A reserved rounding mode now and then; any flags. */
export const fcsr = (random: Random): bigint =>
  BigInt((chance(random, 8) ? 5 + random(3) : random(5)) << 5) | BigInt(chance(random, 2) ? 0 : random(32));

export const SIGNED_12 = (random: Random): number => pick(random, [random(4096) - 2048, -2048, 2047, -1, 0, 1]);
