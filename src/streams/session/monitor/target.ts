/** What a monitor works on: a machine that runs, or a recording that is replayed. */
import type { MachineState } from "../../../machine/state.js";
import type { Control } from "../../time/control.js";
import type { SnapshotDescription } from "../../store/log/index.js";
import type { Until } from "../../past/replayer.js";

export interface MonitorTarget {
  /** What is running, in words: `recording`, `replay` ... */
  readonly mode: string;
  readonly control: Control;
  /** Where a replay ends. */
  readonly lastIcount?: number;
  /** Reading it changes nothing. */
  state(): MachineState;
  /** Goes to any position; a machine that runs can't. */
  seek?(until: Until): Promise<void>;
  snapshots(): readonly SnapshotDescription[];
  saveSnapshot(name: string): void;
  loadSnapshot?(name: string): Promise<void>;
  deleteSnapshot(name: string): void;
  reset?(): void;
  quit(): void;
}
