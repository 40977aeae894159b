/** Makes the deviations of a schedule, and no others. */
import type { Machine } from "../../../machine/machine.js";
import { OptionError } from "../../../options/option-error.js";
import type { Deviation } from "./schedule.js";
import type { DeviationEvent, Deviations } from "./deviations.js";

export class Scheduled implements Deviations {
  readonly holdsInput = false;
  private made = 0;

  /** @throws {OptionError} where a deviation lies before the machine's position. */
  constructor(
    machine: Machine,
    private readonly schedule: readonly Deviation[],
  ) {
    const { icount } = machine.position;
    if (this.nextIcount < icount)
      throw refusal(0, "icount", this.nextIcount, `the machine is at ${String(icount)} already`);
  }

  get nextIcount(): number {
    return this.schedule[this.made]?.icount ?? Infinity;
  }

  *at(machine: Machine): Generator<DeviationEvent, void> {
    while (this.nextIcount <= machine.position.icount) {
      const deviation = this.schedule[this.made];
      if (deviation === undefined) return;
      const { icount, ...event } = deviation;
      if (!machine.accepts(event))
        throw refusal(this.made, "type", event.type, `the machine can't take it at ${String(icount)}`);
      this.made += 1;
      yield event;
    }
  }
}

const refusal = (index: number, field: string, value: unknown, reason: string): OptionError => {
  const option = `schedule.${String(index)}.${field}`;
  return new OptionError(`${option} ${String(value)}: ${reason}`, { option, value });
};
