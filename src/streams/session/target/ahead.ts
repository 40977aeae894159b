/** A machine that goes on into what nobody has recorded yet. */
import type { Recording } from "../../past/recording.js";
import type { MonitorTarget } from "./target.js";

export interface Ahead extends MonitorTarget {
  /** All of it until where it stands; undefined: nothing of it can be read. */
  readonly recorded: Recording | undefined;
}
