/** Assembler text of an encoding, from the same rows as its meaning. */
import { decode } from "./decode.js";

/** `c.addi` and the like are shown as what they stand for. Unknown encodings come as data. */
export function disassemble(raw: number): string {
  const decoded = decode(raw);
  if (decoded === undefined) return (raw & 3) === 3 ? `.word 0x${hex(raw)}` : `.half 0x${hex(raw & 0xffff)}`;
  const { instruction } = decoded;
  const operands = instruction.format.syntax(decoded, decoded.raw);
  const mnemonic = instruction.name.replace(/^csrr\..*$/, "csrr");
  return operands === "" ? mnemonic : `${mnemonic} ${operands}`;
}

const hex = (value: number): string => (value >>> 0).toString(16);
