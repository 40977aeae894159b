/** What gdb writes: `P`, `G`, `M` and `X` (its manual, "Packets"). */
import { integerOf } from "../../../machine/little-endian.js";
import { isInRam, NotWritableError } from "../../../machine/written-state.js";
import type { DebuggerEvent } from "../../../reducers/debugger.js";
import { bytesOfHex, hexAddress } from "../../../reducers/hex.js";
import { PlaceError } from "../../past/names/place-error.js";
import { memoryWrites, physicalWrite, registerWrite, writeAll } from "../debugger-writes.js";
import { MonitorError } from "../target/monitor-error.js";
import { EFAULT, EINVAL, EPERM, GdbError } from "./errors.js";
import { rangeOf } from "./memory.js";
import { GDB_REGISTERS, GENERAL_REGISTERS, type GdbRegister } from "./registers.js";
import type { GdbSession } from "./session.js";

/** `ADDRESS,LENGTH:DATA`. @throws {GdbError} */
export function writeMemory(session: GdbSession, text: string, bytesIn: (data: string) => Uint8Array): void {
  const colon = text.indexOf(":");
  const { address, bytes } = rangeOf(text.slice(0, Math.max(colon, 0)));
  const data = bytesIn(text.slice(colon + 1));
  if (data.length !== bytes) throw new GdbError(EINVAL, `${String(data.length)} bytes where ${String(bytes)} are said`);
  write(session, () => {
    // gdb asks so whether it can write at all.
    if (bytes === 0) return [];
    return session.isPhysical ? [physically(session, address, data)] : memoryWrites(session.at, address, data);
  });
}

/** `NUMBER=VALUE`. @throws {GdbError} */
export function writeRegister(session: GdbSession, text: string): void {
  const [, number = "", value = ""] = /^([0-9a-f]{1,4})=((?:[0-9a-f]{2}){1,8})$/i.exec(text) ?? [];
  const register = number === "" ? undefined : GDB_REGISTERS[Number.parseInt(number, 16)];
  if (register === undefined) throw new GdbError(EINVAL, `${text} is no NUMBER=VALUE of a register`);
  write(session, () => [registerWritten(session, register, integerOf(bytesOfHex(value)))]);
}

/** @throws {GdbError} */
export function writeProgramCounter(session: GdbSession, hart: number, address: string): void {
  if (!/^[0-9a-f]{1,16}$/i.test(address)) throw new GdbError(EINVAL, `${address} is no address to go on from`);
  write(session, () => [registerWrite(hart, "pc", BigInt(`0x${address}`))]);
}

const GENERAL_DIGITS = 16;

/** All of a `g` packet. Those that stay are no writes. @throws {GdbError} */
export function writeRegisters(session: GdbSession, text: string): void {
  if (!/^(?:[0-9a-f]{2})*$/i.test(text) || text.length < GENERAL_REGISTERS * GENERAL_DIGITS) {
    throw new GdbError(EINVAL, `that is not the ${String(GENERAL_REGISTERS)} registers of a g packet`);
  }
  write(session, () =>
    GDB_REGISTERS.slice(0, GENERAL_REGISTERS).flatMap((register, index) => {
      const digits = text.slice(index * GENERAL_DIGITS, (index + 1) * GENERAL_DIGITS);
      const value = integerOf(bytesOfHex(digits));
      return value === BigInt.asUintN(64, register.read(session.at)) ? [] : [registerWritten(session, register, value)];
    }),
  );
}

/** `X` has its bytes as they are; the reader has taken its escapes out. */
export const rawBytes = (data: string): Uint8Array => Uint8Array.from(data, (letter) => letter.charCodeAt(0));

/** @throws {GdbError} */
export function hexBytes(data: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/i.test(data)) throw new GdbError(EINVAL, "data in a packet has two digits a byte");
  return bytesOfHex(data);
}

function physically({ at }: GdbSession, address: bigint, bytes: Uint8Array): DebuggerEvent {
  if (!isInRam(at, Number(address), bytes.length)) {
    throw new GdbError(EFAULT, `${hexAddress(address)} is not in RAM, which alone can be written`);
  }
  return physicalWrite(Number(address), bytes);
}

function registerWritten({ hart }: GdbSession, { name, register }: GdbRegister, value: bigint): DebuggerEvent {
  if (register === undefined) throw new GdbError(EPERM, `${name} can't be written`);
  return registerWrite(hart, register.kind === "csr" ? register.name : name, value);
}

/** gdb takes silence for what it can do another way. @throws {GdbError} */
function write({ target }: GdbSession, events: () => readonly DebuggerEvent[]): void {
  if (target.write === undefined) throw new GdbError(EPERM, "nothing is written in a recording");
  try {
    writeAll(target, events());
  } catch (fault) {
    if (fault instanceof PlaceError) throw new GdbError(EFAULT, fault.message);
    if (fault instanceof NotWritableError || fault instanceof MonitorError) throw new GdbError(EPERM, fault.message);
    throw fault;
  }
}
