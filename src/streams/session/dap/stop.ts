/** Why a machine stands, as a client is told (`stopped`). */
import { hexAddress } from "../../../reducers/hex.js";
import { trapName } from "../../past/query/traps.js";
import type { StepEnd } from "../stepping/step-end.js";
import type { Hit } from "../stop-points/stop-points.js";
import type { DapSession } from "./session.js";

export interface DapStop {
  readonly reason: string;
  /** In words, for people. */
  readonly description?: string | undefined;
  /** More of it. */
  readonly text?: string | undefined;
  readonly hart: number;
  readonly hitBreakpointIds?: readonly number[] | undefined;
}

/** `reason`: where it came to where it was to. `stepped`: the hart that moved; else it is the one whose turn it is. */
export function stopOf(session: DapSession, end: StepEnd, reason: string, stepped?: number): DapStop {
  const { target } = session.debuggee;
  const turn = target.present().schedule.hart;
  const hart = stepped ?? turn;
  switch (end.cause) {
    case "stepped":
      return { reason, hart };
    case "hit":
      return { ...stopOfHit(session, end.hit), hart: turn };
    case "paused":
      return { reason: "pause", hart };
    case "beginning":
      return { reason: "beginning", description: "Paused where the recording begins", hart };
    case "ended":
      return target.mode === "replay"
        ? { reason: "end", description: "Paused where the recording ends", hart }
        : { reason: "present", description: "Paused in the present, from which the machine goes on", hart };
    case "failed":
      return { reason: "exception", description: "Paused where the replay failed", text: messageOf(end.fault), hart };
  }
}

function stopOfHit(session: DapSession, { point, before, value, trap }: Hit): Omit<DapStop, "hart"> {
  const { id, group = "breakpoint" } = session.points.reasonOf(point) ?? {};
  const ids = id === undefined ? {} : { hitBreakpointIds: [id] };
  session.trap = trap;
  if (trap !== undefined) {
    return { reason: group, description: `Paused before a trap: ${point.place}`, text: trapName(trap.cause), ...ids };
  }
  if (before === undefined || value === undefined) return { reason: group, ...ids };
  return { reason: group, text: `${hexAddress(before)} -> ${hexAddress(value)}`, ...ids };
}

const messageOf = (fault: unknown): string => (fault instanceof Error ? fault.message : String(fault));
