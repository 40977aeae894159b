/** Whether a hart waits for an interrupt, and whether one can ever come. */
import { WAITING } from "./hart/fields.js";
import { PRIVILEGE } from "./hart/mstatus.js";
import type { HartRegisters } from "./hart/registers.js";

/** The hart executes something, or wakes by the interrupts that devices raise (`lines`, bits of mip). */
export function canRun(registers: HartRegisters, lines: number): boolean {
  switch (registers.field("waiting")) {
    case WAITING.no:
      return true;
    case WAITING.forPending:
      return pending(registers, lines) !== 0n;
    default:
      // A handler that begins with a trap takes only the interrupts of a higher privilege.
      return !isMachine(registers) && (pending(registers, lines) & ~registers.field("mideleg")) !== 0n;
  }
}

/** A trap loop that no interrupt can end. M mode takes none, and S mode takes only those of M mode. */
export const isLockedUp = (registers: HartRegisters): boolean =>
  registers.field("waiting") === WAITING.forTaken &&
  (isMachine(registers) || (registers.field("mie") & ~registers.field("mideleg")) === 0n);

const pending = (registers: HartRegisters, lines: number): bigint =>
  (registers.field("mip") | BigInt(lines)) & registers.field("mie");

const isMachine = (registers: HartRegisters): boolean => registers.field("privilege") === PRIVILEGE.machine;
