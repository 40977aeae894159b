/** A machine that runs, under a monitor: it goes forward only, and its snapshots go into the recording that is made. */
import { ignoreElements, merge, Subject, tap } from "rxjs";

import { seenBy, type Inspected } from "../../../machine/inspect.js";
import type { Machine } from "../../../machine/machine.js";
import type { MachineState } from "../../../machine/state.js";
import type { DebuggerEvent } from "../../../reducers/debugger.js";
import type { Backend } from "../../live/backend.js";
import type { Recording } from "../../past/recording.js";
import type { Ahead } from "./ahead.js";
import { Control } from "../../time/control.js";
import { LogError, SnapshotName, type SnapshotDescription } from "../../store/log/index.js";
import type { HeldInput } from "../../live/backends/typed-input.js";
import type { SnapshotCommand } from "../../live/recorder.js";
import { machineStops } from "./machine-stops.js";
import { Marks } from "./marks.js";
import { MonitorError } from "./monitor-error.js";
import type { LinuxNames } from "../../past/names/linux/index.js";
import type { Names } from "../../past/names/names.js";
import type { LiveNames } from "./live-names.js";
import { requirePosition, requireWrite } from "./require-position.js";
import { hitIn, spend, stopAt } from "../stop-points/stop-at.js";
import { StopPoints } from "../stop-points/stop-points.js";
import type { Probing } from "../../../machine/probing.js";
import type { Stops } from "./target.js";

export interface LiveTargetOptions {
  /** Undefined: it can't be stopped by what the guest does. */
  readonly probing?: Probing | undefined;
  readonly names: Pick<LiveNames, "names" | "kernel">;
  /** The recording that is made, in words: its file. Undefined: none is. */
  readonly recordingName: string | undefined;
  /** It stands still until it is told to go on. */
  readonly isStopped: boolean;
  /** What of it can be read until now. Undefined: nothing. */
  readonly recorded?: (() => Recording | undefined) | undefined;
  readonly reset: () => void;
  readonly quit: () => void;
}

/** As many as wait for the guest before it is said to have no room. */
const MAX_TYPED_BYTES = 1 << 16;

export class LiveTarget implements Ahead {
  readonly control: Control;
  /** For the recorder. */
  readonly snapshots$ = new Subject<SnapshotCommand>();
  private readonly typed$ = new Subject<Uint8Array>();
  private readonly written$ = new Subject<DebuggerEvent>();
  /** What a debugger writes. */
  readonly backend: Backend = () => this.written$;
  private hasRoom = true;
  private saved: readonly SnapshotDescription[] = [];

  constructor(
    private readonly machine: Machine,
    private readonly options: LiveTargetOptions,
  ) {
    this.control = new Control({ paused: options.isStopped });
    this.stops = options.probing && this.stopsBy(options.probing);
  }

  readonly stops: Stops | undefined;

  private stopsBy(probing: Probing): Stops {
    const { machine, control } = this;
    const points = new StopPoints();
    const watcher = probing.watcher(machine, (icount, probed) => {
      stopAt(machine, control, points, icount, probed);
    });
    const stops = machineStops(watcher, points, () => [() => this.present()]);
    control.stopped$.subscribe((stopped) => {
      spend(hitIn(stopped), stops);
    });
    return stops;
  }

  get recorded(): Recording | undefined {
    return this.options.recorded?.();
  }

  readonly write = (event: DebuggerEvent): void => {
    if (!this.control.isPaused) throw new MonitorError("NOT_HERE", "nothing is written while it runs: stop it first");
    requireWrite(this, event);
    this.written$.next(event);
  };

  get names(): Names {
    return this.options.names.names;
  }

  get kernel(): LinuxNames | undefined {
    return this.options.names.kernel;
  }

  get mode(): string {
    return this.options.recordingName === undefined ? "run" : "record";
  }

  get recordingName(): string {
    return this.options.recordingName ?? "no recording";
  }

  hart: number | undefined;
  readonly marks = new Marks();

  get isMidway(): boolean {
    return this.machine.isMidway;
  }

  state(): MachineState {
    return this.machine.state();
  }

  present(): Inspected {
    return seenBy(this.machine.present, this.hart);
  }

  /** For the console that is typed at. */
  readonly typed: HeldInput = (hasRoom$) =>
    merge(
      this.typed$,
      hasRoom$.pipe(
        tap((hasRoom) => (this.hasRoom = hasRoom)),
        ignoreElements(),
      ),
    );

  type(bytes: Uint8Array): void {
    if (this.control.hasEnded)
      throw new MonitorError("NOT_HERE", "the machine has ended: nothing is typed at it any more");
    if (!this.typed$.observed) {
      throw new MonitorError(
        "NOT_HERE",
        "no console is typed at here: each ends at a place of its own, where it can be typed at",
      );
    }
    if (!this.hasRoom || bytes.length > MAX_TYPED_BYTES) {
      throw new MonitorError(
        "NO_ROOM",
        `at most ${String(MAX_TYPED_BYTES)} bytes are typed at a time, and no more while the guest has yet to take as many; let it go on`,
      );
    }
    this.typed$.next(bytes);
  }

  snapshots(): readonly SnapshotDescription[] {
    return this.saved;
  }

  saveSnapshot(name: string): SnapshotDescription {
    this.requireRecorded();
    requirePosition(this);
    if (!SnapshotName.is(name)) throw new LogError("INVALID_NAME", `${JSON.stringify(name)} is no name for a snapshot`);
    let saved: SnapshotDescription | undefined;
    this.snapshots$.next({ save: name, saved: (described) => (saved = described) });
    if (saved === undefined)
      throw new LogError("CANNOT_WRITE", "the recording takes nothing any more: the run is over");
    this.saved = [...this.saved.filter((other) => other.name !== name), saved];
    return saved;
  }

  deleteSnapshot(name: string): void {
    this.requireRecorded();
    if (!this.saved.some((other) => other.name === name)) {
      throw new LogError("NO_SUCH_SNAPSHOT", `no snapshot ${JSON.stringify(name)} was saved in this session`);
    }
    this.snapshots$.next({ forget: name });
    this.saved = this.saved.filter((other) => other.name !== name);
  }

  get exitCode(): number | undefined {
    return this.control.hasEnded ? (this.machine.ended?.code ?? 0) : undefined;
  }

  reset(): void {
    this.options.reset();
  }

  quit(): void {
    this.options.quit();
  }

  private requireRecorded(): void {
    if (this.options.recordingName !== undefined) return;
    throw new MonitorError("NOT_HERE", "not in a run: a snapshot goes into a recording; begin one with foldvm record");
  }
}
