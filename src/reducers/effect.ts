/**
 * What devices ask of the world outside the fold, and of the machine around them. Each kind of request is a row here.
 */
import type { BottomHalfRequest } from "./bottom-halves.js";

/**
 * A disk has a request. The host answers it by id, in any order. Offset and length are bytes. Zero: discard or write
 * zeros.
 */
export interface DiskRequested {
  readonly type: "disk/requested";
  readonly slot: number;
  readonly id: number;
  readonly operation: "read" | "write" | "flush" | "zero";
  readonly offset: number;
  readonly length: number;
}

/** Derived from state and event, so neither stored nor logged. */
export type Effect =
  | { readonly type: "console/transmitted"; readonly port: "uart16550"; readonly bytes: Uint8Array }
  | {
      readonly type: "console/transmitted";
      readonly port: "virtioConsole";
      readonly slot: number;
      readonly bytes: Uint8Array;
    }
  | { readonly type: "hostClock/requested" }
  | { readonly type: "rtcAlarm/armed"; readonly hostNs: bigint }
  | { readonly type: "rtcAlarm/cleared" }
  | { readonly type: "entropy/requested"; readonly slot: number; readonly length: number }
  | { readonly type: "network/transmitted"; readonly slot: number; readonly frame: Uint8Array }
  /** A machine with its cable out continued from a saved state. The host says whether the cable is in now. */
  | { readonly type: "network/unplugged"; readonly slot: number }
  /** The guest's device received a frame that had been waiting for it. */
  | { readonly type: "network/received"; readonly slot: number }
  | DiskRequested
  | BottomHalfRequest
  | { readonly type: "power/requested"; readonly request: "shutdown" | "panic" | "reset"; readonly code: number };

export const NO_EFFECTS: readonly Effect[] = Object.freeze([]);
