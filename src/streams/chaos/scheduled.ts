/** Makes the deviations of a schedule, and no others. */
import type { Machine } from "../../machine/machine.js";
import { OptionError } from "../../options/option-error.js";
import type { Deviation, DeviationFault } from "./schedule.js";
import type { DeviationEvent, Deviations } from "./deviations.js";

export class Scheduled implements Deviations {
  readonly holdsInput = false;
  private made = 0;

  /** @throws {OptionError} where the machine can never take one of them. */
  constructor(
    machine: Machine,
    private readonly schedule: readonly Deviation[],
  ) {
    const misfit = misfitOf(machine, schedule);
    if (misfit !== undefined) throw refusal(misfit);
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
        throw refusal({
          ...{ index: this.made, field: "type", value: event.type },
          reason: `the machine can't take it at ${String(icount)}`,
        });
      this.made += 1;
      yield event;
    }
  }
}

/** A deviation that can't be, by its place in the schedule. */
export interface Misfit extends DeviationFault {
  readonly index: number;
  readonly value: unknown;
}

/** The first one that the machine can never take, where it stands; undefined: there is none. */
export function misfitOf(machine: Machine, schedule: readonly Deviation[]): Misfit | undefined {
  const { position, present } = machine;
  for (const [index, { icount, ...event }] of schedule.entries()) {
    if (icount < position.icount)
      return { index, field: "icount", value: icount, reason: `the machine is at ${String(position.icount)} already` };
    if (event.type === "schedule/hartPrioritized" && !machine.hasDeviceFor(event)) {
      const reason = `the machine has harts 0 to ${String(present.config.harts - 1)}`;
      return { index, field: "hart", value: event.hart, reason };
    }
  }
  return undefined;
}

const refusal = ({ index, field, value, reason }: Misfit): OptionError => {
  const option = `schedule.${String(index)}.${field}`;
  return new OptionError(`${option} ${String(value)}: ${reason}`, { option, value });
};
