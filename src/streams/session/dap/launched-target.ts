/** A machine that was launched; once it has ended, the recording that it made stands in its place. */
import { DelegatingTarget } from "../travel/delegating-target.js";
import type { Branches, MonitorTarget } from "../target/target.js";

export class LaunchedTarget extends DelegatingTarget {
  /** `quitted`: somebody wants it no more. */
  constructor(
    protected override current: MonitorTarget,
    private readonly quitted: () => void,
  ) {
    super();
  }

  get branches(): Branches | undefined {
    return this.current.branches;
  }

  override quit(): void {
    this.quitted();
  }

  /** Nothing of it goes any more. */
  end(): void {
    this.current.quit();
  }

  become(target: MonitorTarget): void {
    this.current = target;
    // What is set is the same.
    this.stops?.set(() => undefined);
  }
}
