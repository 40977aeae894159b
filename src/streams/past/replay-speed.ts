/** How fast the replays of a recording were in this process: for estimates, and for nothing else. */
import { hostTime, type HostTime } from "../time/host-time.js";

/** Of an interpreter whose regions are compiled, on a machine of 2020. */
export const TYPICAL_INSNS_A_SECOND = 100_000_000;
/** In fewer, what is measured is the compiling of regions. */
const LEAST_INSNS = 2_000_000;

export class ReplaySpeed {
  private insns = 0;
  private ms = 0;

  constructor(private readonly time: Pick<HostTime, "monotonicMs"> = hostTime) {}

  /** A typical one until something was measured. */
  get insnsASecond(): number {
    return this.insns < LEAST_INSNS || this.ms <= 0 ? TYPICAL_INSNS_A_SECOND : (1000 * this.insns) / this.ms;
  }

  /** The same steps. What their reader does meanwhile takes no time. */
  *measured<Step>(
    machine: { readonly position: { readonly icount: number } },
    steps: Iterable<Step>,
  ): Generator<Step, void> {
    const { time } = this;
    let [icount, ms] = [machine.position.icount, time.monotonicMs()];
    const note = (): void => {
      this.insns += machine.position.icount - icount;
      this.ms += time.monotonicMs() - ms;
    };
    for (const step of steps) {
      note();
      yield step;
      [icount, ms] = [machine.position.icount, time.monotonicMs()];
    }
    note();
  }
}
