/** A hart's registers by their names, as gdb and the ABI have them. */
import { CSRS } from "./hart/csr.js";
import { hartOf, readCsr, type Inspected } from "./inspect.js";
import { floatRegister, integerRegister } from "./isa/registers.js";

/** `f` are bits. */
export type Register =
  | { readonly kind: "x" | "f"; readonly index: number }
  | { readonly kind: "pc" }
  | { readonly kind: "csr"; readonly name: string };

const REGISTERS: ReadonlyMap<string, Register> = new Map<string, Register>([
  ["pc", { kind: "pc" }],
  ...Array.from({ length: 32 }, (_, index) => index).flatMap((index): [string, Register][] => [
    [`x${String(index)}`, { kind: "x", index }],
    [integerRegister(index), { kind: "x", index }],
    [`f${String(index)}`, { kind: "f", index }],
    [floatRegister(index), { kind: "f", index }],
  ]),
  // The frame pointer's other name (RISC-V ABIs specification, §1).
  ["fp", { kind: "x", index: 8 }],
  ...[...CSRS.values()].map(({ name }): [string, Register] => [name, { kind: "csr", name }]),
]);

export const REGISTER_NAMES: readonly string[] = [...REGISTERS.keys()];

export const findRegister = (name: string): Register | undefined => REGISTERS.get(name);

/** Of the hart that is meant. */
export function readRegister(at: Inspected, register: Register): bigint {
  const hart = at.harts[hartOf(at)];
  switch (register.kind) {
    case "x":
    case "f":
      return hart?.[register.kind][register.index] ?? 0n;
    case "pc":
      return hart?.fields.pc ?? 0n;
    case "csr":
      return readCsr(at, register.name) ?? 0n;
  }
}
