/** Assembler text of an encoding, from the same rows as its semantics. */
import { decode } from "./decode.js";
import { hexAddress } from "../../reducers/hex.js";

/** `c.addi` and the like appear as the instruction they stand for. Unknown encodings appear as data. */
export function disassemble(raw: number): string {
  const decoded = decode(raw);
  if (decoded === undefined)
    return (raw & 3) === 3 ? `.word ${hexAddress(raw >>> 0)}` : `.half ${hexAddress(raw & 0xffff)}`;
  const { instruction } = decoded;
  const operands = instruction.format.syntax(decoded, decoded.raw);
  const mnemonic = instruction.name.replace(/^csrr\..*$/, "csrr");
  return operands === "" ? mnemonic : `${mnemonic} ${operands}`;
}
