/** A target that stands for another one, now this and now that. */
import type { Inspected } from "../../../machine/inspect.js";
import type { MachineState } from "../../../machine/state.js";
import type { Control } from "../../time/control.js";
import type { SnapshotDescription } from "../../store/log/index.js";
import type { LinuxNames } from "../../past/names/linux/index.js";
import type { Names } from "../../past/names/names.js";
import type { Until } from "../../past/until.js";
import type { Marks } from "../target/marks.js";
import type { MonitorTarget, Past, Stops } from "../target/target.js";

export abstract class DelegatingTarget implements MonitorTarget {
  private shared: Stops | undefined;

  /** All that it may be have the same stop points. */
  protected abstract readonly current: MonitorTarget;

  get mode(): string {
    return this.current.mode;
  }

  get control(): Control {
    return this.current.control;
  }

  get names(): Names {
    return this.current.names;
  }

  get kernel(): LinuxNames | undefined {
    return this.current.kernel;
  }

  get firstIcount(): number | undefined {
    return this.current.firstIcount;
  }

  get lastIcount(): number | undefined {
    return this.current.lastIcount;
  }

  get hart(): number | undefined {
    return this.current.hart;
  }

  set hart(hart: number | undefined) {
    this.current.hart = hart;
  }

  get frame(): MonitorTarget["frame"] {
    return this.current.frame;
  }

  set frame(frame: MonitorTarget["frame"]) {
    this.current.frame = frame;
  }

  get marks(): Marks {
    return this.current.marks;
  }

  /** The same for ever, so that who has it may keep it. */
  get stops(): Stops | undefined {
    if (this.shared !== undefined || this.current.stops === undefined) return this.shared;
    const { points } = this.current.stops;
    return (this.shared = {
      points,
      set: (change) => (this.current.stops ?? NO_STOPS).set(change),
      mapped: () => this.current.stops?.mapped() ?? [],
    });
  }

  get past(): Past | undefined {
    return this.current.past;
  }

  get seek(): ((until: Until) => Promise<void>) | undefined {
    const { current } = this;
    return current.seek?.bind(current);
  }

  get write(): MonitorTarget["write"] {
    return this.current.write;
  }

  get type(): MonitorTarget["type"] {
    const { current } = this;
    return current.type?.bind(current);
  }

  get reset(): MonitorTarget["reset"] {
    const { current } = this;
    return current.reset?.bind(current);
  }

  get exitCode(): number | undefined {
    return this.current.exitCode;
  }

  get isMidway(): boolean {
    return this.current.isMidway === true;
  }

  get recordingName(): string {
    return this.current.recordingName;
  }

  get loadSnapshot(): MonitorTarget["loadSnapshot"] {
    const { current } = this;
    return current.loadSnapshot?.bind(current);
  }

  state(): MachineState {
    return this.current.state();
  }

  present(): Inspected {
    return this.current.present();
  }

  giveUp(): boolean {
    return this.current.giveUp?.() === true;
  }

  snapshots(): readonly SnapshotDescription[] {
    return this.current.snapshots();
  }

  saveSnapshot(name: string): SnapshotDescription {
    return this.current.saveSnapshot(name);
  }

  deleteSnapshot(name: string): void {
    this.current.deleteSnapshot(name);
  }

  quit(): void {
    this.current.quit();
  }
}

/** Of a target that watches nothing: what changes, changes all the same. */
const NO_STOPS = { set: <T>(change: () => T): T => change() };
