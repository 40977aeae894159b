/** Zihintpause: a hint that the hart waits for another one (unprivileged spec, chapter "Zihintpause"). */
import { FORMATS } from "./formats.js";
import type { InstructionTable } from "./instruction.js";

const { bare } = FORMATS;

// prettier-ignore
export const ZIHINTPAUSE = {
  // A fence of w before nothing: older machines take it for one.
  pause: { format: bare, mask: 0xffff_ffff, match: 0x0100_000f, execute: (o) => { o.pause(); } },
} as const satisfies InstructionTable;
