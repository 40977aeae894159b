/** What a monitor works on: a machine that runs, or a recording that is replayed. */
import type { Inspected } from "../../../machine/inspect.js";
import type { MachineState } from "../../../machine/state.js";
import type { Control } from "../../time/control.js";
import type { SnapshotDescription } from "../../store/log/index.js";
import type { Until } from "../../past/until.js";
import type { Names } from "../../past/names/names.js";

export interface MonitorTarget {
  /** What is running, in words: `recording`, `replay` ... */
  readonly mode: string;
  readonly control: Control;
  readonly names: Names;
  /** Where a replay begins and ends. */
  readonly firstIcount?: number;
  readonly lastIcount?: number;
  /** Reading it changes nothing. */
  state(): MachineState;
  /** The hart to look at; undefined: the one whose turn it is. */
  hart?: number | undefined;
  /** The same without taking it, as that hart sees it: true until the machine goes on. */
  present(): Inspected;
  /** Goes to any position; a machine that runs can't. */
  seek?(until: Until): Promise<void>;
  /** Gives up a seek, which then fails; false where there is none. */
  giveUp?(): boolean;
  /** The recording that its snapshots are in, in words: its file. */
  readonly recordingName: string;
  snapshots(): readonly SnapshotDescription[];
  /** One of that name is replaced. */
  saveSnapshot(name: string): SnapshotDescription;
  loadSnapshot?(name: string): Promise<void>;
  deleteSnapshot(name: string): void;
  /** At the guest's console. @throws {MonitorError} where none is typed at. */
  type?(bytes: Uint8Array): void;
  reset?(): void;
  quit(): void;
}
