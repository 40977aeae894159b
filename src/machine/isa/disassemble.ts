/** Assembler text of an encoding, from the same rows as its semantics. */
import { check } from "../../options/check.js";
import { exactly, value } from "../../options/codecs.js";
import { aliasOf } from "./aliases.js";
import { decode } from "./decode.js";
import { RV64A } from "./rv64a.js";
import { hexAddress } from "../../reducers/hex.js";

const ENCODING = exactly<{ readonly raw: number }>({
  raw: value("the 32 bits of an instruction, as a number", Number.isInteger),
});

/**
 * As binutils print it, but for branches and jumps, whose distance is told: `ret` and the like where there is one, and
 * `c.addi` as the instruction that it stands for. Unknown encodings appear as data.
 */
export function disassemble(raw: number): string {
  check("disassemble", ENCODING, { raw });
  const decoded = decode(raw);
  if (decoded === undefined)
    return (raw & 3) === 3 ? `.word ${hexAddress(raw >>> 0)}` : `.half ${hexAddress(raw & 0xffff)}`;
  const { instruction } = decoded;
  const mnemonic = instruction.name.replace(/^csrr\..*$/, "csrr");
  const alias = aliasOf(mnemonic, decoded, decoded.raw);
  if (alias !== undefined) return alias;
  const operands = instruction.format.syntax(decoded, decoded.raw);
  return operands === "" ? mnemonic : `${mnemonic}${isAtomic(instruction.name) ? ordering(raw) : ""} ${operands}`;
}

const isAtomic = (name: string): boolean => Object.hasOwn(RV64A, name);

/** The bits aq and rl (unprivileged spec, §14.1). */
const ordering = (raw: number): string => ["", ".rl", ".aq", ".aqrl"][(raw >>> 25) & 3] ?? "";
