/** `info registers`, as QEMU prints a RISC-V hart. */
import { hartOf, readCsr, seenBy, type Inspected } from "../../../machine/inspect.js";
import { floatRegister, integerRegister } from "../../../machine/isa/registers.js";
import { hex64 } from "../../../reducers/hex.js";
import { readRegister } from "../../../machine/named-registers.js";
import { registerNamed } from "../../past/names/registers.js";
import type { MonitorTarget } from "../target/target.js";

// prettier-ignore
const CSRS = ["mhartid", "mstatus", "mip", "mie", "mideleg", "medeleg", "mtvec", "stvec", "mepc", "sepc", "mcause", "scause",
  "mtval", "stval", "mscratch", "sscratch", "satp"] as const;
const A_ROW = 4;

export function registersText(state: Inspected): string {
  const hart = state.harts[hartOf(state)];
  const single = [
    ["pc", hart?.fields.pc ?? 0n] as const,
    ...CSRS.map((name) => [name, readCsr(state, name) ?? 0n] as const),
  ];
  return [
    ...single.map(([name, value]) => ` ${name.padEnd(8)} ${hex64(value)}`),
    ...rows(hart?.x ?? [], (index) => `x${String(index)}/${integerRegister(index)}`),
    ...rows(hart?.f ?? [], (index) => `f${String(index)}/${floatRegister(index)}`),
  ].join("\n");
}

/** The text of each hart, one after the other. */
export const ofEachHart = (present: Inspected, text: (at: Inspected) => string): string =>
  present.harts.map((_, hart) => `CPU#${String(hart)}\n${text(seenBy(present, hart))}`).join("\n\n");

/** Those that are named, with or without a $, a line each and the name of what it points at. @throws {PlaceError} */
export const namedRegistersText = (registers: readonly string[], target: MonitorTarget, at: Inspected): string =>
  registers
    .map((word) => {
      const register = word.replace(/^\$/, "");
      const value = readRegister(at, registerNamed(register));
      const name = target.names.of(value);
      return ` ${register.padEnd(8)} ${hex64(value)}${name === undefined ? "" : ` <${name}>`}`;
    })
    .join("\n");

const rows = (values: readonly bigint[], nameOf: (index: number) => string): string[] => {
  const cells = values.map((value, index) => ` ${nameOf(index).padEnd(8)} ${hex64(value)}`);
  return Array.from({ length: cells.length / A_ROW }, (_, row) => cells.slice(row * A_ROW, (row + 1) * A_ROW).join(""));
};
