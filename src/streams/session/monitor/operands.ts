/** What an expression reads of a machine: a register by its name, an integer in memory. */
import { hartOf, readCsr, readVirtual, type Inspected } from "../../../machine/inspect.js";
import type { HartState } from "../../../machine/hart/registers.js";
import { CSRS } from "../../../machine/hart/csr.js";
import { floatRegister, integerRegister } from "../../../machine/isa/registers.js";
import { MonitorError } from "./monitor-error.js";
import type { Value } from "./operators.js";
import { nearestWords, orList } from "../../../options/nearest.js";
import type { IntegerType } from "./types.js";

type Read = (at: Inspected) => bigint;

const registersOf = (at: Inspected): HartState | undefined => at.harts[hartOf(at)];

const REGISTERS: ReadonlyMap<string, Read> = new Map<string, Read>([
  ["pc", (at) => registersOf(at)?.fields.pc ?? 0n],
  ...Array.from({ length: 32 }, (_, index) => index).flatMap((index): [string, Read][] => {
    const x: Read = (at) => registersOf(at)?.x[index] ?? 0n;
    const f: Read = (at) => registersOf(at)?.f[index] ?? 0n;
    return [
      [`x${String(index)}`, x],
      [integerRegister(index), x],
      [`f${String(index)}`, f],
      [floatRegister(index), f],
    ];
  }),
  // The frame pointer's other name (RISC-V ABIs specification, §1).
  ["fp", (at) => registersOf(at)?.x[8] ?? 0n],
  ...[...CSRS.values()].map(({ name }): [string, Read] => [name, (at) => readCsr(at, name) ?? 0n]),
]);

export const REGISTER_NAMES: readonly string[] = [...REGISTERS.keys()];

/** An integer register, a floating-point one's bits, a CSR or the pc. @throws {MonitorError} */
export function registerNamed(name: string): Read {
  const read = REGISTERS.get(name);
  if (read !== undefined) return read;
  const near = nearestWords(name, REGISTER_NAMES).map((other) => `$${other}`);
  throw new MonitorError("NO_SUCH_REGISTER", `there is no register $${name}; is ${orList(near)} meant?`);
}

/** Virtual memory, little-endian. */
export function memoryAt(at: Inspected, address: bigint, { bits, isSigned }: IntegerType): Value {
  const bytes = readVirtual(at, address, bits / 8);
  if (bytes === undefined) return "unmapped";
  const value = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return isSigned ? BigInt.asUintN(64, BigInt.asIntN(bits, value)) : value;
}
