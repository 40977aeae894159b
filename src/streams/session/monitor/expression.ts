/** A number as QEMU's monitor takes it: decimal, 0x, $register, joined by + and -. */
import { readCsr } from "../../../machine/inspect.js";
import { floatRegister, integerRegister } from "../../../machine/isa/registers.js";
import type { MachineState } from "../../../machine/state.js";
import { MonitorError } from "./monitor-error.js";

const REGISTERS = Array.from({ length: 32 }, (_, index) => index);

/** @throws {MonitorError} */
export function evaluate(text: string, state: MachineState): bigint {
  const terms = text.replaceAll(/\s/g, "").match(/[+-]?[^+-]+/g);
  if (terms === null) throw new MonitorError("INVALID_NUMBER", "a number is missing");
  return BigInt.asUintN(
    64,
    terms.reduce((sum, term) => sum + termOf(term, state), 0n),
  );
}

/** A whole number that counts something. @throws {MonitorError} */
export function countOf(text: string, state: MachineState): number {
  const value = Number(evaluate(text.replaceAll("_", ""), state));
  if (!Number.isSafeInteger(value)) throw new MonitorError("INVALID_NUMBER", `${text} is no count`);
  return value;
}

function termOf(term: string, state: MachineState): bigint {
  const isNegative = term.startsWith("-");
  const word = term.replace(/^[+-]/, "");
  const value = word.startsWith("$") ? registerOf(word.slice(1), state) : literal(word);
  return isNegative ? -value : value;
}

function literal(word: string): bigint {
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(word)) {
    throw new MonitorError("INVALID_NUMBER", `${word} is no number: use 123, 0x7b, or a register such as $pc`);
  }
  return BigInt(word);
}

function registerOf(name: string, state: MachineState): bigint {
  const hart = state.harts[0];
  if (name === "pc") return hart?.fields.pc ?? 0n;
  const x = REGISTERS.find((index) => name === `x${String(index)}` || name === integerRegister(index));
  if (x !== undefined) return hart?.x[x] ?? 0n;
  const f = REGISTERS.find((index) => name === `f${String(index)}` || name === floatRegister(index));
  if (f !== undefined) return hart?.f[f] ?? 0n;
  const csr = readCsr(state, name);
  if (csr === undefined) throw new MonitorError("NO_SUCH_REGISTER", `there is no register $${name}`);
  return csr;
}
