/** What came of a branch. */
import type { Machine } from "../../../machine/machine.js";
import type { Effect } from "../../../reducers/effect.js";
import { isGuestCause } from "../../../reducers/power.js";
import type { Instant } from "../../../reducers/stream-event.js";
import { STOPPED } from "../../store/log/index.js";

/** Its last position, and what is known there. */
export interface BranchEnd extends Instant {
  /** Why it ended, as a recording says it: `stopped` where its machine is not off. */
  readonly cause: string;
  /** What the guest ended with; null: it did not end itself. */
  readonly guestCode: number | null;
  /** What all consoles printed after the fork, MAX_OUTPUT_LETTERS of it at most, a character a byte. */
  readonly console: string;
  /** After the fork. */
  readonly instructions: number;
}

/** Of what a guest prints after a fork, the last so many are kept. */
export const MAX_OUTPUT_LETTERS = 1 << 16;

/** Hears what a machine prints. */
export class HeardOutput {
  /** `letters`: what was heard before. */
  constructor(private letters = "") {}

  hear(effect: Effect): void {
    if (effect.type !== "console/transmitted") return;
    for (const byte of effect.bytes) this.letters += String.fromCharCode(byte);
    if (this.letters.length > 2 * MAX_OUTPUT_LETTERS) this.letters = this.text;
  }

  get text(): string {
    return this.letters.slice(-MAX_OUTPUT_LETTERS);
  }
}

export function endOf(machine: Machine, sinceIcount: number, output: HeardOutput): BranchEnd {
  const { position, virtualNs, ended } = machine;
  return {
    ...position,
    ns: virtualNs,
    cause: ended?.cause ?? STOPPED,
    guestCode: ended !== null && isGuestCause(ended.cause) ? ended.code : null,
    console: output.text,
    instructions: position.icount - sinceIcount,
  };
}
