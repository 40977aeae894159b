/** What a hunt and its worker processes tell each other: plain data, a job and its reply. */
import type { ChaosOptions } from "../../chaos/chaos-options.js";
import type { Fault } from "../fault-kind.js";
import type { Beginning } from "./beginning.js";
import type { HuntRun } from "./hunt-run.js";
import type { HuntOptions } from "./hunt-options.js";

/** What all runs have in common. */
export type HuntedMachine = Omit<HuntOptions, "isFailing" | "ended" | "signal">;

export type HuntJob =
  | { readonly kind: "open"; readonly hunted: HuntedMachine; readonly beginning: Beginning }
  /** The recording goes to `path`. Without `chaos` it is the plain run. */
  | { readonly kind: "record"; readonly number: number; readonly chaos?: ChaosOptions; readonly path: string }
  | { readonly kind: "verify"; readonly path: string };

export type HuntReply =
  | { readonly kind: "opened" }
  | { readonly kind: "recorded"; readonly run: HuntRun }
  | { readonly kind: "verified"; readonly agrees: boolean }
  | { readonly kind: "failed"; readonly message: string; readonly fault: Fault };

/** The command that workers run. */
export const WORKER_COMMAND = "hunt-worker";
