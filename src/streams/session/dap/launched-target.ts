/** A machine that was launched; once it has ended, the recording that it made stands in its place. */
import { DelegatingTarget } from "../travel/delegating-target.js";
import type { MonitorTarget } from "../target/target.js";

export class LaunchedTarget extends DelegatingTarget {
  constructor(protected override current: MonitorTarget) {
    super();
  }

  become(target: MonitorTarget): void {
    this.current = target;
    // What is set is the same.
    this.stops?.set(() => undefined);
  }
}
