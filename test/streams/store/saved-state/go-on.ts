/**
 * Drives a machine without a host: what is due comes, an idle clock warps, and inputs come in as soon as they are
 * taken.
 */
import { fold } from "../../../../src/machine/checked-fold.js";
import type { Machine } from "../../../../src/machine/machine.js";
import type { MachineEvent } from "../../../../src/reducers/events.js";

/** Runs so many instructions further, or until nothing can ever come. */
export function goOn(machine: Machine, insns: number, inputs: MachineEvent[]): void {
  const until = machine.position.icount + insns;
  const emit = (event: MachineEvent): void => {
    const { seq, icount } = machine.position;
    fold(machine, { seq: seq + 1, icount, event });
  };
  for (;;) {
    const stop = machine.run(until);
    const due = machine.due();
    if (stop === "off") return;
    const input =
      machine.awaited !== undefined ? ({ type: "goldfishRtc/hostClockRead", hostNs: 1n << 60n } as const) : inputs[0];
    if (due !== undefined) emit(due);
    else if (input !== undefined && machine.accepts(input)) {
      if (input === inputs[0]) inputs.shift();
      emit(input);
    } else if (stop !== "idle") return;
    else if (machine.deadlineNs === undefined) return;
    else emit({ type: "clock/warped", byNs: machine.deadlineNs - machine.virtualNs });
  }
}
