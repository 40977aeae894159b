/** Instructions around an address, also before it: RISC-V's have two or four bytes. */
import type { Inspected } from "../../../../machine/inspect.js";
import { decode, isCompressed } from "../../../../machine/isa/decode.js";
import { disassemble } from "../../../../machine/isa/disassemble.js";
import { FORMATS } from "../../../../machine/isa/formats.js";
import { integerOf } from "../../../../machine/little-endian.js";
import { hex, hexAddress } from "../../../../reducers/hex.js";
import type { SourceLine } from "../../../past/names/name-source.js";
import type { Names } from "../../../past/names/names.js";
import { DapError } from "../dap-error.js";
import { bytesAtAddress } from "./memory.js";
import { addressText } from "./pointer-text.js";

/** Of one request: a client shows some screens of them. */
export const MAX_INSTRUCTIONS_SHOWN = 4096;

export interface ShownInstruction {
  readonly address: bigint;
  /** Undefined: nothing is mapped there. */
  readonly bytes: Uint8Array | undefined;
  readonly text: string;
  /** `main+0x4`. */
  readonly symbol: string | undefined;
  readonly line: SourceLine | undefined;
}

export interface DisassemblyAsked {
  readonly address: bigint;
  /** From the one at the address on, or before it. */
  readonly offset: number;
  readonly count: number;
}

/** As many as are asked for. @throws {DapError} */
export function instructionsAround(
  at: Inspected,
  names: Names,
  { address, offset, count }: DisassemblyAsked,
): readonly ShownInstruction[] {
  const farthest = Math.max(count, Math.abs(offset), Math.abs(offset + count));
  if (farthest > MAX_INSTRUCTIONS_SHOWN) {
    throw new DapError(
      "TOO_MUCH",
      `${String(farthest)} instructions are asked for: at most ${String(MAX_INSTRUCTIONS_SHOWN)} around an address`,
    );
  }
  const before = offset < 0 ? addressesBefore(at, names, address, -offset) : [];
  const addresses = [...before.slice(0, count)];
  let next: bigint | undefined = before.length > 0 && addresses.length < before.length ? undefined : address;
  for (let skipped = 0; next !== undefined && skipped < offset; skipped += 1) next = behind(at, next);
  for (; next !== undefined && addresses.length < count; next = behind(at, next)) addresses.push(next);
  return addresses.map((one) => instructionAt(at, names, one));
}

/** What is not mapped counts as a short one. */
function lengthOf(at: Inspected, address: bigint): number {
  const low = bytesAtAddress(at, address, 2);
  return low === undefined || isCompressed(Number(integerOf(low))) ? 2 : 4;
}

/** The one behind. The last address has none. */
function behind(at: Inspected, address: bigint): bigint | undefined {
  const next = address + BigInt(lengthOf(at, address));
  return next >> 64n === 0n ? next : undefined;
}

/**
 * The last ones before an address. They are read from where an instruction surely begins: a function does. Where none
 * is known, from as far before as leads to the address.
 */
function addressesBefore(at: Inspected, names: Names, address: bigint, count: number): readonly bigint[] {
  const found: bigint[] = [];
  for (let end = address; found.length < count;) {
    const wanted = count - found.length;
    const run = runTo(at, end, startBefore(names, end)) ?? unnamedRun(at, end, wanted);
    found.unshift(...run.slice(-wanted));
    const [first] = run;
    if (first === undefined) break;
    end = first;
  }
  return found;
}

/** Undefined: no function is known there. */
function startBefore(names: Names, end: bigint): bigint | undefined {
  const start = names.functionAt(end - 1n)?.address;
  return start !== undefined && end - start <= BigInt(4 * MAX_INSTRUCTIONS_SHOWN) ? start : undefined;
}

/** The instructions from a start up to an end; undefined: none ends there. */
function runTo(at: Inspected, end: bigint, start: bigint | undefined): readonly bigint[] | undefined {
  if (start === undefined || start >= end) return undefined;
  const run: bigint[] = [];
  let next: bigint | undefined = start;
  while (next !== undefined && next < end) {
    run.push(next);
    next = behind(at, next);
  }
  return next === end ? run : undefined;
}

/** Wherever it begins to be read, it soon falls in with how it is executed. */
function unnamedRun(at: Inspected, end: bigint, wanted: number): readonly bigint[] {
  const farthest = end - BigInt(4 * (wanted + ROOM));
  for (let start = farthest < 0n ? 0n : farthest; start < end; start += 2n) {
    const run = runTo(at, end, start);
    if (run !== undefined && run.length >= wanted) return run;
  }
  const short = end - BigInt(2 * wanted);
  return runTo(at, end, short < 0n ? end % 2n : short) ?? [];
}

const ROOM = 8;

function instructionAt(at: Inspected, names: Names, address: bigint): ShownInstruction {
  const bytes = bytesAtAddress(at, address, lengthOf(at, address));
  return {
    address,
    bytes,
    text: bytes === undefined ? "nothing is mapped here" : textOf(Number(integerOf(bytes)), address, names),
    symbol: names.of(address),
    line: names.lineAt(address),
  };
}

/** A branch or a jump tells where it goes. */
function textOf(raw: number, address: bigint, names: Names): string {
  const text = disassemble(raw | 0);
  const decoded = decode(raw | 0);
  const format = decoded?.instruction.format;
  if (decoded === undefined || (format !== FORMATS.B && format !== FORMATS.J)) return text;
  const target = BigInt.asUintN(64, address + BigInt(decoded.imm));
  return text.replace(/-?\d+$/, addressText(target, { names }));
}

/** `97 80 00 00`, as they lie in memory. */
export const bytesText = (bytes: Uint8Array): string => Array.from(bytes, (byte) => hex(byte, 2)).join(" ");

export const addressOfInstruction = ({ address }: ShownInstruction): string => hexAddress(address, 16);
