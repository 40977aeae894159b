/** What devices ask of the world outside the fold, and of the machine around them. A new wish is a row here. */
import type { BottomHalfRequest } from "./bottom-halves.js";

/** A disk has a request that the host answers by id, when it likes. Offset and length are bytes; zero: discard, or write zeros. */
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
  /** A machine that goes on from a saved state had its cable out: is it in now? */
  | { readonly type: "network/unplugged"; readonly slot: number }
  /** A frame that was sent to the guest no longer waits for it. */
  | { readonly type: "network/received"; readonly slot: number }
  | DiskRequested
  | BottomHalfRequest
  | { readonly type: "power/requested"; readonly request: "shutdown" | "panic" | "reset"; readonly code: number };

export const NO_EFFECTS: readonly Effect[] = Object.freeze([]);
