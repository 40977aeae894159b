/** A recording under a monitor: replayed forward by a control, and begun anew where it is to go back. */
import type { Subscription } from "rxjs";

import type { Machine } from "../../../machine/machine.js";
import type { MachineState } from "../../../machine/state.js";
import type { Effect } from "../../../reducers/effect.js";
import { Control } from "../../time/control.js";
import type { SnapshotDescription } from "../../store/log/index.js";
import type { Recording } from "../../past/recording.js";
import type { Until } from "../../past/replayer.js";
import type { MonitorTarget } from "./target.js";

export interface ReplayTargetOptions {
  readonly heard: (effect: Effect) => void;
  /** A divergence, or damage. */
  readonly failed: (fault: unknown) => void;
  readonly quit: () => void;
}

/** Stands at the recording's start. */
export class ReplayTarget implements MonitorTarget {
  readonly mode = "replay";
  control = new Control({ paused: true });
  private readonly machine: Machine;
  private running: Subscription | undefined;

  constructor(
    private readonly recording: Recording,
    private readonly options: ReplayTargetOptions,
  ) {
    this.machine = recording.openMachine();
    this.machine.listen(options.heard);
    this.start();
  }

  get lastIcount(): number {
    return this.recording.info.instructions;
  }

  state(): MachineState {
    return this.machine.state();
  }

  async seek(until: Until): Promise<void> {
    // Asked for first: where there is no such position, everything stays as it is.
    this.goTo(this.recording.at(until));
    await this.control.pause();
  }

  async loadSnapshot(name: string): Promise<void> {
    const { seq, icount } = this.recording.snapshot(name).position;
    await this.seek({ seq, icount });
  }

  snapshots(): readonly SnapshotDescription[] {
    return this.recording.snapshots;
  }

  saveSnapshot(name: string): void {
    this.recording.saveSnapshot(name, this.machine.position);
    this.goTo(this.machine.state());
  }

  deleteSnapshot(name: string): void {
    this.recording.forgetSnapshot(name);
    this.goTo(this.machine.state());
  }

  quit(): void {
    this.running?.unsubscribe();
    this.options.quit();
  }

  /** Also where the recording was added to: a replay reads the file as it was when it began. */
  private goTo(state: MachineState): void {
    this.running?.unsubscribe();
    this.machine.load(state);
    this.control = new Control({ paused: true });
    this.start();
  }

  private start(): void {
    const { failed } = this.options;
    this.running = this.recording
      .replay$(this.machine, undefined, { control: this.control })
      .subscribe({ error: failed });
  }
}
