/** The instructions of a function that call others, and where a call is that returns to an address. */
import { decode, type DecodedInstruction } from "../../../machine/isa/decode.js";
import { readVirtual, type Inspected } from "../../../machine/inspect.js";
import { integerOf } from "../../../machine/little-endian.js";
import type { FunctionCode } from "../../past/names/name-source.js";

export interface CallSite {
  readonly address: bigint;
  /** What it calls; undefined: its registers say. */
  readonly target: bigint | undefined;
}

/** What is looked at of one function, in each of its parts. */
export const MAX_CODE_BYTES = 1 << 18;

/** As memory has it now. */
export function callSitesOf({ ranges }: FunctionCode, at: Inspected): readonly CallSite[] {
  const sites: CallSite[] = [];
  for (const { start, end } of ranges) {
    const until = start + BigInt(Math.min(Number(end - start), MAX_CODE_BYTES));
    let before: DecodedInstruction | undefined;
    for (let address = start; address < until;) {
      const code = codeAt(address, at);
      if (code !== undefined && isCall(code)) sites.push({ address, target: targetOf(code, address, before) });
      address += BigInt(code?.bytes ?? 2);
      before = code;
    }
  }
  return sites;
}

/** The call right before an address; undefined: something else is there. */
export function callBefore(returnsTo: bigint, at: Inspected): bigint | undefined {
  for (const bytes of [4, 2]) {
    const address = returnsTo - BigInt(bytes);
    const code = codeAt(address, at);
    if (code?.bytes === bytes && isCall(code)) return address;
  }
  return undefined;
}

/** Where the call that stands there returns to; undefined: none stands there. */
export function behindCall(address: bigint, at: Inspected): bigint | undefined {
  const code = codeAt(address, at);
  return code !== undefined && isCall(code) ? address + BigInt(code.bytes) : undefined;
}

/** Where a hart goes that stands at a call. */
export function calledFrom({ address, target }: CallSite, at: Inspected, hart: number): bigint | undefined {
  if (target !== undefined) return target;
  const code = codeAt(address, at);
  const base = code && at.harts[hart]?.x[code.rs1];
  return code && base !== undefined ? BigInt.asUintN(64, base + BigInt(code.imm)) & ~1n : undefined;
}

function codeAt(address: bigint, at: Inspected): DecodedInstruction | undefined {
  const first = readVirtual(at, address, 2);
  if (first === undefined) return undefined;
  const raw = integerOf(first);
  if ((raw & 3n) !== 3n) return decode(Number(raw));
  const whole = readVirtual(at, address, 4);
  return whole && decode(Number(integerOf(whole)));
}

/** jal ra, jalr ra, c.jalr. */
const isCall = ({ instruction: { name }, rd }: DecodedInstruction): boolean =>
  (name === "jal" || name === "jalr") && rd === RA;

/** Of jal, and of auipc and jalr together, as calls that may be far. */
function targetOf(
  { instruction: { name }, rs1, imm }: DecodedInstruction,
  address: bigint,
  before: DecodedInstruction | undefined,
): bigint | undefined {
  if (name === "jal") return BigInt.asUintN(64, address + BigInt(imm));
  if (before?.instruction.name !== "auipc" || before.rd !== rs1) return undefined;
  return BigInt.asUintN(64, address - BigInt(before.bytes) + BigInt(before.imm) + BigInt(imm)) & ~1n;
}

const RA = 1;
