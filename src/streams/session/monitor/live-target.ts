/** A machine that runs, under a monitor: it goes forward only, and its snapshots go into the recording that is made. */
import { Subject } from "rxjs";

import type { Machine } from "../../../machine/machine.js";
import type { MachineState } from "../../../machine/state.js";
import { Control } from "../../time/control.js";
import { LogError, SnapshotName, type SnapshotDescription } from "../../store/log/index.js";
import type { SnapshotCommand } from "../../live/recorder.js";
import { MonitorError } from "./monitor-error.js";
import type { MonitorTarget } from "./target.js";

export interface LiveTargetOptions {
  readonly isRecorded: boolean;
  readonly reset: () => void;
  readonly quit: () => void;
}

export class LiveTarget implements MonitorTarget {
  readonly control = new Control();
  /** For the recorder. */
  readonly snapshots$ = new Subject<SnapshotCommand>();
  private saved: readonly SnapshotDescription[] = [];

  constructor(
    private readonly machine: Machine,
    private readonly options: LiveTargetOptions,
  ) {}

  get mode(): string {
    return this.options.isRecorded ? "record" : "run";
  }

  state(): MachineState {
    return this.machine.state();
  }

  snapshots(): readonly SnapshotDescription[] {
    return this.saved;
  }

  saveSnapshot(name: string): void {
    this.requireRecorded();
    if (!SnapshotName.is(name)) throw new LogError("INVALID_NAME", `${JSON.stringify(name)} is no name for a snapshot`);
    this.snapshots$.next({ save: name });
    const described = { name, ...this.machine.position, hash: this.machine.hash(), size: 0 };
    this.saved = [...this.saved.filter((other) => other.name !== name), described];
  }

  deleteSnapshot(name: string): void {
    this.requireRecorded();
    if (!this.saved.some((other) => other.name === name)) {
      throw new LogError("NO_SUCH_SNAPSHOT", `no snapshot ${JSON.stringify(name)} was saved in this session`);
    }
    this.snapshots$.next({ forget: name });
    this.saved = this.saved.filter((other) => other.name !== name);
  }

  reset(): void {
    this.options.reset();
  }

  quit(): void {
    this.options.quit();
  }

  private requireRecorded(): void {
    if (this.options.isRecorded) return;
    throw new MonitorError("NOT_HERE", "not in a run: a snapshot goes into a recording; begin one with foldvm record");
  }
}
