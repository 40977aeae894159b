/** Whether the hart waits for an interrupt, and whether one can ever come. */
import type { Engine } from "./engine/engine.js";
import { WAITING } from "./hart/fields.js";
import { PRIVILEGE } from "./hart/mstatus.js";

/** It waits for what is not there, with these interrupts raised by devices (bits of mip): only an event can change anything. */
export const isIdle = ({ registers }: Engine, lines: number): boolean => {
  const pending = (registers.field("mip") | BigInt(lines)) & registers.field("mie");
  const waiting = registers.field("waiting");
  return waiting === WAITING.forTaken || (waiting === WAITING.forPending && pending === 0n);
};

/** In a trap loop that no interrupt will ever end: in M mode none is taken, in S mode those that are M mode's. */
export const isLockedUp = ({ isInTrapLoop, registers }: Engine): boolean =>
  isInTrapLoop &&
  (registers.field("privilege") === PRIVILEGE.machine || (registers.field("mie") & ~registers.field("mideleg")) === 0n);
