/** A machine that is sampled at a fixed interval of instructions. Cutting its runs into pieces changes nothing else. */
import { check } from "../options/check.js";
import { call, distance, exactly } from "../options/codecs.js";
import { Machine, type MachineOptions, type Stop } from "./machine.js";
import type { MachineState } from "./state.js";

const SAMPLING = exactly<{ readonly everyInsns: number; readonly sample: unknown }>({
  everyInsns: distance,
  sample: call,
});

export class SampledMachine extends Machine {
  private sampledIcount = 0;

  constructor(
    initial: MachineState,
    options: MachineOptions,
    private readonly everyInsns: number,
    private readonly sample: (machine: Machine) => void,
  ) {
    super(initial, options);
    check("SampledMachine", SAMPLING, { everyInsns, sample });
  }

  override run(untilIcount: number): Stop {
    for (;;) {
      const { icount } = this.position;
      const next = (Math.floor(icount / this.everyInsns) + 1) * this.everyInsns;
      const stop = super.run(Math.min(untilIcount, next));
      if (this.position.icount === next && this.sampledIcount !== next) {
        this.sampledIcount = next;
        this.sample(this);
      }
      if (stop !== "arrived" || this.position.icount >= untilIcount) return stop;
    }
  }
}
