/** Whether the hart waits for an interrupt, and whether one can ever come. */
import type { Engine } from "./engine/engine.js";
import { WAITING } from "./hart/fields.js";
import { PRIVILEGE } from "./hart/mstatus.js";

/**
 * The hart waits, and none of the interrupts that devices raise (`lines`, bits of mip) wakes it. Only an event can
 * change anything.
 */
export const isIdle = ({ registers }: Engine, lines: number): boolean => {
  const pending = (registers.field("mip") | BigInt(lines)) & registers.field("mie");
  const waiting = registers.field("waiting");
  return waiting === WAITING.forTaken || (waiting === WAITING.forPending && pending === 0n);
};

/** A trap loop that no interrupt can end. M mode takes none, and S mode takes only those of M mode. */
export const isLockedUp = (engine: Engine): boolean => engine.isInTrapLoop && takesNone(engine);

const takesNone = ({ registers }: Engine): boolean =>
  registers.field("privilege") === PRIVILEGE.machine || (registers.field("mie") & ~registers.field("mideleg")) === 0n;
