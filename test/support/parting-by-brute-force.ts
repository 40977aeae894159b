/** Where two guests part, found by brute force: both go instruction by instruction, and whole states are compared. */
import { fold } from "../../src/machine/fold.js";
import type { Machine } from "../../src/machine/machine.js";
import { hashOfState } from "../../src/machine/state-hash.js";
import type { PositionedEvent } from "../../src/reducers/events.js";
import type { Recording } from "../../src/streams/past/recording.js";

/** The first icount at which they differ after its events; undefined: there is none up to `untilIcount`. */
export function partingByBruteForce(
  a: Recording,
  b: Recording,
  fromIcount: number,
  untilIcount: number,
): number | undefined {
  const [inA, inB] = [new Stepper(a, fromIcount), new Stepper(b, fromIcount)];
  for (let icount = fromIcount; icount <= untilIcount; icount += 1) {
    inA.to(icount);
    inB.to(icount);
    if (inA.guestHash() !== inB.guestHash()) return icount;
  }
  return undefined;
}

class Stepper {
  private readonly machine: Machine;
  private readonly events: PositionedEvent[];

  constructor(recording: Recording, icount: number) {
    this.machine = recording.openMachine();
    const state = recording.at(icount);
    this.machine.load(state);
    this.events = [...recording.log.events({ fromSeq: state.position.seq + 1 })];
  }

  to(icount: number): void {
    while ((this.events[0]?.icount ?? Infinity) <= icount) fold(this.machine, this.events.shift() as PositionedEvent);
    this.machine.run(icount);
  }

  /** Of what is of the guest: no digest of inputs, no clock, and nobody's turn. */
  guestHash(): bigint {
    const state = this.machine.state();
    const schedule = { ...state.schedule, hart: 0, sinceIcount: 0, untilIcount: null, retired: [], priorities: [] };
    return hashOfState({ ...state, history: 0n, clock: { biasNs: 0n }, schedule });
  }
}
