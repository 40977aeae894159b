/** A recording under a monitor: replayed forward by a control, and begun anew where it is to go back. */
import { lastValueFrom, Subject, take, takeUntil, toArray, type Subscription } from "rxjs";

import { seenBy, type Inspected } from "../../../machine/inspect.js";
import type { Probed } from "../../../machine/engine/probes.js";
import { Machine } from "../../../machine/machine.js";
import type { MachineState } from "../../../machine/state.js";
import type { Effect } from "../../../reducers/effect.js";
import { Control } from "../../time/control.js";
import type { HostTime } from "../../time/host-time.js";
import type { SnapshotDescription } from "../../store/log/index.js";
import type { Recording } from "../../past/recording.js";
import type { ReplayOptions } from "../../past/paced-steps.js";
import type { Until } from "../../past/until.js";
import { machineStops } from "./machine-stops.js";
import { Marks } from "./marks.js";
import { MonitorError } from "./monitor-error.js";
import type { LinuxNames } from "../../past/names/linux/index.js";
import type { Names } from "../../past/names/names.js";
import { lastHit, type PastHit } from "../stop-points/last-hit.js";
import { hitIn, spend, stopAt } from "../stop-points/stop-at.js";
import { StopPoints, type Hit } from "../stop-points/stop-points.js";
import type { MonitorTarget, Past, Stops } from "./target.js";

export interface ReplayTargetOptions {
  /** The recording's file, for people. */
  readonly recordingName?: string;
  /** Default: the host's. */
  readonly time?: HostTime;
  /** Shared with who takes its place. Default: its own. */
  readonly points?: StopPoints | undefined;
  /** It stands again, or is at the recording's end. */
  readonly stood?: () => void;
  /** `icount`: the instructions that were retired before. */
  readonly heard: (effect: Effect, icount: number) => void;
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
  private readonly givenUp$ = new Subject<void>();
  private isSeeking = false;
  private isAsking = false;
  private readonly replaying: ReplayOptions;

  constructor(
    private readonly recording: Recording,
    private readonly options: ReplayTargetOptions,
  ) {
    this.machine = recording.openMachine(
      (initial, options) =>
        new Machine(initial, {
          ...options,
          probed: (icount, probed) => {
            this.hear(icount, probed);
          },
        }),
    );
    this.replaying = options.time === undefined ? {} : { time: options.time };
    this.machine.listen((effect) => {
      // What a seek passes was heard before, or is skipped.
      if (!this.isSeeking) options.heard(effect, this.machine.presentIcount);
    });
    this.stops = machineStops(this.machine, options.points ?? new StopPoints(), () => [
      () => this.present(),
      () => this.recording.at(),
    ]);
    this.start();
  }

  get names(): Names {
    return this.recording.names;
  }

  get kernel(): LinuxNames | undefined {
    return this.recording.kernel;
  }

  get recordingName(): string {
    return this.options.recordingName ?? "the recording";
  }

  get firstIcount(): number {
    return this.recording.log.start.icount;
  }

  get lastIcount(): number {
    return this.recording.info.instructions;
  }

  hart: number | undefined;
  readonly marks = new Marks();
  frame: MonitorTarget["frame"];

  readonly stops: Stops;

  get past(): Past {
    return {
      recording: this.recording,
      goBack: () => this.goBack(),
      hitSince: (icount) => this.lastHit(icount),
      rows: (rows$, limit) =>
        this.asking(async (signal) => {
          const shown$ = rows$.pipe(take(limit), toArray(), takeUntil(this.givenUp$));
          const rows = await lastValueFrom(shown$, { defaultValue: [] });
          if (signal.aborted) throw givenUpError();
          return rows;
        }),
      grow: (tree) => this.asking((signal) => tree.grow({ signal })),
    };
  }

  /** Until it is given up. */
  private async asking<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const givingUp = new AbortController();
    const givenUp = this.givenUp$.subscribe(() => {
      givingUp.abort();
    });
    this.isAsking = true;
    try {
      return await ask(givingUp.signal);
    } finally {
      givenUp.unsubscribe();
      this.isAsking = false;
    }
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

  /** Where there is no such position, or it is given up, everything stays as it is. */
  async seek(until: Until): Promise<void> {
    const start = this.machine.state();
    this.running?.unsubscribe();
    this.isSeeking = true;
    let state: MachineState | undefined;
    try {
      const arrival$ = this.recording.seek$(this.machine, until, this.replaying);
      state = await lastValueFrom(arrival$.pipe(takeUntil(this.givenUp$)), { defaultValue: undefined });
    } finally {
      this.isSeeking = false;
      this.goTo(state ?? start);
    }
    await this.control.pause();
    if (state === undefined) throw givenUpError();
  }

  private async goBack(): Promise<Hit | undefined> {
    const hit = await this.lastHit();
    await this.seek(hit?.position ?? this.firstIcount);
    spend(hit, this.stops);
    return hit;
  }

  private async lastHit(from?: Until): Promise<PastHit | undefined> {
    if (this.stops.points.all.length === 0) return undefined;
    // The question ends here: it is not to come here on a machine of its own.
    this.recording.kept.keep(this.machine.state(), false);
    this.isSeeking = true;
    let isGivenUp = false;
    const givenUp = this.givenUp$.subscribe(() => (isGivenUp = true));
    try {
      const last$ = lastHit(this.recording, this.stops.points, this.machine.position, from);
      const hit = await lastValueFrom(last$.pipe(takeUntil(this.givenUp$)), { defaultValue: undefined });
      if (isGivenUp) throw givenUpError();
      return hit;
    } finally {
      givenUp.unsubscribe();
      this.isSeeking = false;
    }
  }

  /** What the guest does, where it was asked for. */
  private hear(icount: number, probed: Probed): void {
    if (!this.isSeeking) stopAt(this.machine, this.control, this.stops.points, icount, probed);
  }

  giveUp(): boolean {
    if (!this.isSeeking && !this.isAsking) return false;
    this.givenUp$.next();
    return true;
  }

  async loadSnapshot(name: string): Promise<void> {
    const { seq, icount } = this.recording.snapshot(name).position;
    await this.seek({ seq, icount });
  }

  snapshots(): readonly SnapshotDescription[] {
    return this.recording.snapshots;
  }

  saveSnapshot(name: string): SnapshotDescription {
    const saved = this.recording.saveSnapshot(name, this.machine.position);
    this.goTo(this.machine.state());
    return saved;
  }

  deleteSnapshot(name: string): void {
    this.recording.forgetSnapshot(name);
    this.goTo(this.machine.state());
  }

  quit(): void {
    this.giveUp();
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
    this.control.stopped$.subscribe((stopped) => {
      spend(hitIn(stopped), this.stops);
      this.options.stood?.();
    });
    const { failed } = this.options;
    this.running = this.recording
      .replay$(this.machine, undefined, { ...this.replaying, control: this.control })
      .subscribe({ error: failed });
  }
}

const givenUpError = (): MonitorError => new MonitorError("INTERRUPTED", "given up; it stands where it was");
