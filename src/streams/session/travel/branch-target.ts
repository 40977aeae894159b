/** A branch under a debugger: it leaves a recording for what is written, and goes on by itself. */
import type { Subscription } from "rxjs";

import { seenBy, type Inspected } from "../../../machine/inspect.js";
import { Machine } from "../../../machine/machine.js";
import type { MachineState } from "../../../machine/state.js";
import type { DebuggerEvent } from "../../../reducers/debugger.js";
import { BranchRun } from "../../past/branch/index.js";
import type { LinuxNames } from "../../past/names/linux/index.js";
import type { Names } from "../../past/names/names.js";
import { pacedSteps } from "../../past/paced-steps.js";
import type { Recording } from "../../past/recording.js";
import type { LogSink, SnapshotDescription } from "../../store/log/index.js";
import { Control } from "../../time/control.js";
import { hostTime } from "../../time/host-time.js";
import { machineStops } from "../target/machine-stops.js";
import { Marks } from "../target/marks.js";
import { MonitorError } from "../target/monitor-error.js";
import { requireWrite } from "../target/require-position.js";
import type { ReplayTargetOptions } from "../target/replay-target.js";
import type { MonitorTarget, Stops } from "../target/target.js";
import { hitIn, spend, stopAt } from "../stop-points/stop-at.js";
import type { StopPoints } from "../stop-points/stop-points.js";
import type { Ahead } from "../target/ahead.js";

export interface BranchTargetOptions extends Pick<ReplayTargetOptions, "heard" | "failed" | "quit"> {
  readonly points: StopPoints;
  readonly named: Pick<MonitorTarget, "names" | "kernel">;
}

export class BranchTarget implements Ahead {
  readonly mode = "branch";
  readonly recordingName = "a branch";
  control = new Control({ paused: true });
  hart: number | undefined;
  frame: MonitorTarget["frame"];
  readonly marks = new Marks();
  readonly stops: Stops;
  readonly names: Names;
  readonly kernel: LinuxNames | undefined;
  private readonly branch: BranchRun;
  private running: Subscription | undefined;

  /** `state`: one that the parent comes to. */
  constructor(
    parent: Recording,
    state: MachineState,
    private readonly options: BranchTargetOptions,
  ) {
    const { points, named, heard } = options;
    this.branch = new BranchRun(
      parent,
      state,
      (initial, machineOptions) =>
        new Machine(initial, {
          ...machineOptions,
          probed: (icount, probed) => {
            stopAt(this.machine, this.control, points, icount, probed);
          },
        }),
    );
    this.machine.listen((effect) => {
      heard(effect, this.machine.presentIcount);
    });
    this.names = named.names;
    this.kernel = named.kernel;
    this.stops = machineStops(this.machine, points, () => [() => this.present()]);
    this.stops.set(() => undefined);
    this.start();
  }

  get recorded(): Recording {
    return this.branch.recording;
  }

  get isMidway(): boolean {
    return this.machine.isMidway;
  }

  state(): MachineState {
    return this.machine.state();
  }

  present(): Inspected {
    return seenBy(this.machine.present, this.hart);
  }

  readonly write = (event: DebuggerEvent): void => {
    requireWrite(this, event);
    this.branch.write(event);
    // What was at its end may go on with it.
    if (this.control.hasEnded) this.start();
  };

  save(sink: LogSink): void {
    this.branch.save(sink);
  }

  snapshots(): readonly SnapshotDescription[] {
    return [];
  }

  saveSnapshot(): SnapshotDescription {
    throw noSnapshots();
  }

  deleteSnapshot(): void {
    throw noSnapshots();
  }

  leave(): void {
    this.running?.unsubscribe();
  }

  quit(): void {
    this.leave();
    this.options.quit();
  }

  private get machine(): Machine {
    return this.branch.machine;
  }

  private start(): void {
    const control = new Control({ paused: true });
    this.control = control;
    control.stopped$.subscribe((stopped) => {
      spend(hitIn(stopped), this.stops);
    });
    const steps = this.branch.steps(control);
    this.running = pacedSteps(steps, { time: hostTime, control, demand: undefined }, this.machine).subscribe({
      error: this.options.failed,
    });
  }
}

const noSnapshots = (): MonitorError =>
  new MonitorError("NOT_HERE", "not in a branch: save its recording with fork FILE, and snapshots go into that");
