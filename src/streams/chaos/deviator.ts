/** Asks for a run's deviations, one at a time, as the machine comes to their places. */
import type { Machine } from "../../machine/machine.js";
import type { DeviationEvent, Deviations } from "./deviations.js";

export class Deviator {
  /** Those of the present position, of which some are left. */
  private present: Iterator<DeviationEvent, void> | undefined;

  constructor(
    private readonly machine: Machine,
    private readonly deviations: Deviations,
  ) {}

  /** Where the run is to stop for the next one. */
  get nextIcount(): number {
    return this.present === undefined ? this.deviations.nextIcount : this.machine.position.icount;
  }

  get holdsInput(): boolean {
    return this.deviations.holdsInput;
  }

  inputTaken(): void {
    this.deviations.inputTaken?.(this.machine);
  }

  /** The next one here; undefined: there is no other one. The machine has reduced all before. */
  next(): DeviationEvent | undefined {
    const { machine } = this;
    if (machine.position.icount < this.nextIcount) return undefined;
    this.present ??= this.deviations.at(machine);
    for (let next = this.present.next(); next.done !== true; next = this.present.next())
      if (machine.accepts(next.value)) return next.value;
    this.present = undefined;
    return undefined;
  }
}
