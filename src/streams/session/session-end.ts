/** How a session ended, and what its recording calls the end that the host made. */
import type { Diagnosis } from "../../machine/diagnosis.js";
import type { Machine } from "../../machine/machine.js";
import type { Position } from "../../reducers/position.js";
import { isGuestCause, type HostCause } from "../../reducers/power.js";
import type { RunStatistics } from "./run-statistics.js";
import type { Signal } from "../host/stdio.js";

/** Why it ended: the guest switched itself off, or what the host had found first. */
export type SessionCause =
  | "guest"
  /** The machine can't go on: `machineCause` says why. */
  | "machine"
  | "expectText"
  | "failText"
  | "timeout"
  /** Its input has ended, and it waits for what can't come. */
  | "starved"
  | "quit"
  /** The machine was reset, and the session was to end with that. */
  | "reset"
  | "outputClosed"
  /** The session then fails with its error. */
  | "consoleFailed"
  | Signal;

export interface SessionEnd {
  readonly cause: SessionCause;
  /** The guest's exit code, where it switched itself off; else 0. */
  readonly guestCode: number;
  readonly machineCause: string;
  /** What the machine itself can say of why it was stuck, if it was: see machine/diagnosis.ts. */
  readonly diagnosis: Diagnosis;
  /** What of its script was not kept; undefined: it had none, or all of it was. */
  readonly unkept: string | undefined;
  /** The output does not end with a whole line. */
  readonly isMidLine: boolean;
  readonly position: Position;
  readonly stateHash: bigint;
  /** How many instructions the session ran; it may have begun in a saved state. */
  readonly ranInsns: number;
  /** How many deviations of schedule and clock there were. */
  readonly deviations: number;
  readonly elapsedMs: number;
  readonly statistics: () => RunStatistics;
}

export const hostCauseOf = (cause: SessionCause): HostCause => HOST_CAUSES[cause] ?? "host-signal";

/** The end that the host did not make. */
export const endedBy = (ended: Machine["ended"]): SessionCause => {
  if (ended === null) return "starved";
  return isGuestCause(ended.cause) ? "guest" : "machine";
};

/** All others are signals. */
const HOST_CAUSES: Readonly<Partial<Record<SessionCause, HostCause>>> = {
  quit: "host-ui",
  outputClosed: "host-error",
  consoleFailed: "host-error",
  expectText: "host-quit",
  failText: "host-quit",
  timeout: "host-quit",
};
