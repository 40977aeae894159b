/** In what two harts differ: by the ABI's names, CSRs by their fields. */
import { HART_FIELDS, type HartField } from "../../../machine/hart/fields.js";
import type { HartState } from "../../../machine/hart/registers.js";
import { floatRegister, integerRegister } from "../../../machine/isa/registers.js";
import { differingFields } from "./csr-fields.js";
import type { Difference } from "./difference.js";

/** `prefix`: of the names, where there are several harts. The pc is first. Both may be live views of a machine. */
export function* registerDifferences(a: HartState, b: HartState, hart: number, prefix: string): Generator<Difference> {
  const row = (name: string, inA: bigint, inB: bigint): Difference =>
    Object.freeze({ kind: "register", name: `${prefix}${name}`, hart, a: inA, b: inB });
  yield* fieldDifferences("pc", a, b, row);
  for (let index = 0; index < a.x.length; index += 1) {
    const [inA, inB] = [a.x[index] ?? 0n, b.x[index] ?? 0n];
    if (inA !== inB) yield row(integerRegister(index), inA, inB);
  }
  for (const name of HART_FIELDS) if (name !== "pc") yield* fieldDifferences(name, a, b, row);
  for (let index = 0; index < a.f.length; index += 1) {
    const [inA, inB] = [a.f[index] ?? 0n, b.f[index] ?? 0n];
    if (inA !== inB) yield row(floatRegister(index), inA, inB);
  }
}

function* fieldDifferences(
  name: HartField,
  { fields: inA }: HartState,
  { fields: inB }: HartState,
  row: (name: string, a: bigint, b: bigint) => Difference,
): Generator<Difference> {
  const [a, b] = [inA[name], inB[name]];
  if (a === b) return;
  for (const { field, ...values } of differingFields(name, a, b)) {
    yield row(field === undefined ? name : `${name}.${field}`, values.a, values.b);
  }
}

/** Every name that a register can have here. */
export const REGISTER_NAMES: readonly string[] = [
  ...HART_FIELDS,
  ...Array.from({ length: 32 }, (_, index) => integerRegister(index)),
  ...Array.from({ length: 32 }, (_, index) => floatRegister(index)),
];
