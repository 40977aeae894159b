/** How a step ended. */
import type { Stopped } from "../../time/control.js";
import { hitIn } from "../stop-points/stop-at.js";
import type { Hit } from "../stop-points/stop-points.js";

export type StepEnd =
  /** Where it was to; at an end of the recording; or somebody paused it. */
  | { readonly cause: "stepped" | "beginning" | "ended" | "paused" }
  /** A stop point came first. */
  | { readonly cause: "hit"; readonly hit: Hit }
  | { readonly cause: "failed"; readonly fault: unknown };

export function endOf(stopped: Stopped): StepEnd {
  const hit = hitIn(stopped);
  if (hit !== undefined) return { cause: "hit", hit };
  switch (stopped.cause) {
    case "failed":
      return { cause: "failed", fault: stopped.fault };
    case "ended":
    case "paused":
      return { cause: stopped.cause };
    default:
      return { cause: "stepped" };
  }
}
