/** The fields of CSRs by name (privileged specification, chapters 3 and 10), so that a difference says which one. */
import type { HartField } from "../../../machine/hart/fields.js";

interface CsrField {
  readonly name: string;
  readonly shift: bigint;
  readonly bits: bigint;
}

const field = (name: string, shift: number, bits = 1): CsrField => ({ name, shift: BigInt(shift), bits: BigInt(bits) });

const interrupts = (last: "E" | "P"): readonly CsrField[] =>
  ["SSI", "MSI", "STI", "MTI", "SEI", "MEI"].map((name, index) => field(`${name}${last}`, 2 * index + 1));

const FIELDS: Partial<Readonly<Record<HartField, readonly CsrField[]>>> = {
  mstatus: [
    ...[field("SIE", 1), field("MIE", 3), field("SPIE", 5), field("MPIE", 7), field("SPP", 8), field("MPP", 11, 2)],
    ...[field("FS", 13, 2), field("MPRV", 17), field("SUM", 18), field("MXR", 19), field("TVM", 20)],
    ...[field("TW", 21), field("TSR", 22)],
  ],
  mie: interrupts("E"),
  mip: interrupts("P"),
  mideleg: ["SSI", "MSI", "STI", "MTI", "SEI", "MEI"].map((name, index) => field(name, 2 * index + 1)),
  satp: [field("PPN", 0, 44), field("ASID", 44, 16), field("MODE", 60, 4)],
  mcounteren: [field("CY", 0), field("TM", 1), field("IR", 2)],
  scounteren: [field("CY", 0), field("TM", 1), field("IR", 2)],
};

export interface FieldDifference {
  /** Undefined: the whole register is meant. */
  readonly field: string | undefined;
  readonly a: bigint;
  readonly b: bigint;
}

/** The fields in which two values of a CSR differ; the whole of it where it has none, or where other bits do. */
export function differingFields(csr: HartField, a: bigint, b: bigint): readonly FieldDifference[] {
  const fields = FIELDS[csr] ?? [];
  const maskOf = ({ shift, bits }: CsrField): bigint => ((1n << bits) - 1n) << shift;
  const known = fields.reduce((mask, each) => mask | maskOf(each), 0n);
  if (((a ^ b) & ~known) !== 0n) return [{ field: undefined, a, b }];
  return fields.flatMap((each) => {
    const [inA, inB] = [a, b].map((value) => (value & maskOf(each)) >> each.shift) as [bigint, bigint];
    return inA === inB ? [] : [{ field: each.name, a: inA, b: inB }];
  });
}
