/** The registers that gdb sees: one list gives their numbers, the target's description and the packets' layout. */
import { CSRS } from "../../../machine/hart/csr.js";
import { hartOf, readCsr, type Inspected } from "../../../machine/inspect.js";
import { floatRegister, integerRegister } from "../../../machine/isa/registers.js";
import { readRegister, type Register } from "../../../machine/named-registers.js";

export interface GdbRegister {
  /** As gdb has it. */
  readonly name: string;
  readonly bits: 32 | 64;
  readonly type: "int" | "code_ptr" | "data_ptr" | "riscv_double";
  readonly feature: Feature;
  read(at: Inspected): bigint;
  /** What a write of it is of; undefined: it can't be written. */
  readonly register: Register | undefined;
}

export const FEATURES = ["cpu", "fpu", "virtual", "csr"] as const;
/** Of `org.gnu.gdb.riscv.*` (gdb's manual, "RISC-V Features"). */
export type Feature = (typeof FEATURES)[number];

const INTEGERS = 32;
const POINTERS: Readonly<Record<string, GdbRegister["type"]>> = { ra: "code_ptr", sp: "data_ptr", gp: "data_ptr" };
/** Those of `fpu`. */
const FLOAT_CSRS: readonly string[] = ["fflags", "frm", "fcsr"];

const plain = (
  name: string,
  feature: Feature,
  register: Register,
  { bits = 64, type = "int" }: { readonly bits?: 32 | 64; readonly type?: GdbRegister["type"] } = {},
): GdbRegister => ({ name, bits, type, feature, register, read: (at) => readRegister(at, register) });

const indexes = Array.from({ length: INTEGERS }, (_, index) => index);
const csrs = [...CSRS.values()].map(({ name }) => name);

/** A register's number is its place. */
export const GDB_REGISTERS: readonly GdbRegister[] = [
  ...indexes.map((index) => {
    const name = index === 8 ? "fp" : integerRegister(index);
    return plain(name, "cpu", { kind: "x", index }, { type: POINTERS[name] ?? (index === 8 ? "data_ptr" : "int") });
  }),
  plain("pc", "cpu", { kind: "pc" }, { type: "code_ptr" }),
  ...indexes.map((index) => plain(floatRegister(index), "fpu", { kind: "f", index }, { type: "riscv_double" })),
  ...FLOAT_CSRS.map((name) => plain(name, "fpu", { kind: "csr", name }, { bits: 32 })),
  {
    name: "priv",
    bits: 64,
    type: "int",
    feature: "virtual",
    register: undefined,
    read: (at) => at.harts[hartOf(at)]?.fields.privilege ?? 0n,
  },
  ...csrs
    .filter((name) => !FLOAT_CSRS.includes(name))
    .map((name) => ({
      ...plain(name, "csr", { kind: "csr", name }),
      read: (at: Inspected): bigint => readCsr(at, name) ?? 0n,
    })),
];

/** Those that a `g` packet has: gdb asks for others one by one. */
export const GENERAL_REGISTERS = INTEGERS + 1;
