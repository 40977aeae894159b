/** Why a machine stands, as a client is told (`stopped`). */
import type { StepEnd } from "../stepping/step-end.js";
import type { Debuggee } from "./debuggee.js";

export interface DapStop {
  readonly reason: string;
  /** In words, for people. */
  readonly description?: string | undefined;
  /** More of it. */
  readonly text?: string | undefined;
  readonly hart: number;
  readonly hitBreakpointIds?: readonly number[] | undefined;
}

/** `reason`: where it came to where it was to. `hart`: the one that moved; else the one whose turn it is. */
export function stopOf({ target }: Debuggee, end: StepEnd, reason: string, hart?: number): DapStop {
  const turn = target.present().schedule.hart;
  switch (end.cause) {
    case "stepped":
      return { reason, hart: hart ?? turn };
    case "hit":
      return { reason: "breakpoint", hart: turn };
    case "paused":
      return { reason: "pause", hart: hart ?? turn };
    case "beginning":
      return { reason: "beginning", description: "Paused where the recording begins", hart: hart ?? turn };
    case "ended":
      return { reason: "end", description: "Paused where the recording ends", hart: hart ?? turn };
    case "failed": {
      const text = end.fault instanceof Error ? end.fault.message : String(end.fault);
      return { reason: "exception", description: "Paused where the replay failed", text, hart: hart ?? turn };
    }
  }
}
