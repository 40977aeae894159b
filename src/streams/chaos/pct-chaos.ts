/**
 * Probabilistic concurrency testing (Burckhardt et al., "A Randomized Scheduler with Probabilistic Guarantees of
 * Finding Bugs", ASPLOS 2010). The harts have random priorities, and of those that can run the highest one runs. At
 * d-1 random places among k instructions the hart that runs there becomes the lowest. With n harts this finds a bug of
 * depth d with a chance of at least 1 / (n * k^(d-1)), if no hart waits for another by spinning.
 *
 * One hart has no order to change, only the interrupts between its instructions: those are brought there or kept away.
 */
import type { Machine } from "../../machine/machine.js";
import { QUANTUM_INSNS, retiredBy } from "../../reducers/schedule.js";
import type { DeviationEvent, Deviations } from "./deviations.js";
import type { Random } from "./random.js";
import { skew } from "./skew.js";
import { WantedPriorities } from "./wanted-priorities.js";

/** Where a hart can run, and did not run for so long, the one that ran most of the time may spin and wait for it. */
const SPINNING_INSNS = 20 * QUANTUM_INSNS;
/** Below the first priorities are those of the changes, and below these the ones of harts that spin. */
const FIRST_PRIORITY = 1 << 20;
const HIGHEST_SPINNER = FIRST_PRIORITY - (1 << 10);
/** Least and most. */
const HOLD_INSNS = [1 << 10, 1 << 22] as const;

interface Place {
  readonly icount: number;
  readonly priority: number;
}

export class PctChaos implements Deviations {
  nextIcount: number;
  private readonly harts: number;
  private readonly priorities: WantedPriorities;
  /** Those that are left, in their order. */
  private readonly places: Place[];
  private inputHeldUntil = Infinity;
  /** How far each hart was at the last look at who runs. */
  private looked: readonly number[] = [];
  private nextLook: number;
  private spinnerPriority = HIGHEST_SPINNER;

  constructor(
    machine: Machine,
    private readonly random: Random,
    { depth, insns }: { readonly depth: number; readonly insns: number },
  ) {
    const { icount } = machine.position;
    this.harts = machine.present.config.harts;
    this.priorities = new WantedPriorities(this.harts);
    this.nextIcount = icount;
    this.nextLook = this.harts === 1 ? Infinity : icount;
    const order = random.shuffled(Array.from({ length: this.harts }, (_, hart) => hart));
    if (this.harts > 1) order.forEach((hart, rank) => this.priorities.want(hart, FIRST_PRIORITY + rank));
    this.places = placesAmong(random, depth - 1, insns, icount);
  }

  get holdsInput(): boolean {
    return this.inputHeldUntil < Infinity;
  }

  *at(machine: Machine): Generator<DeviationEvent, void> {
    const { icount } = machine.position;
    if (icount >= this.inputHeldUntil) this.inputHeldUntil = Infinity;
    for (let place = this.places[0]; place !== undefined && place.icount <= icount; [place] = this.places) {
      this.places.shift();
      if (this.harts === 1) yield* this.interrupt(machine);
      else this.priorities.want(machine.present.schedule.hart, place.priority);
    }
    if (icount >= this.nextLook) this.lookForSpinner(machine);
    this.nextIcount = Math.min(this.places[0]?.icount ?? Infinity, this.nextLook, this.inputHeldUntil);
    yield* this.priorities.settle(machine);
  }

  private *interrupt(machine: Machine): Generator<DeviationEvent, void> {
    const { random } = this;
    if (random.happens(0.5)) yield* skew(machine, random);
    else this.inputHeldUntil = machine.position.icount + random.longTailed(...HOLD_INSNS);
  }

  /** It becomes the lowest of all, so that who it waits for goes on. */
  private lookForSpinner(machine: Machine): void {
    const { icount } = machine.position;
    const retired = retiredBy(machine.present.schedule, icount);
    const since = retired.map((count, hart) => count - (this.looked[hart] ?? 0));
    const isStarved = since.some((insns, hart) => insns === 0 && machine.canRun(hart));
    if (this.looked.length > 0 && isStarved) {
      this.priorities.want(since.indexOf(Math.max(...since)), this.spinnerPriority);
      this.spinnerPriority = Math.max(this.spinnerPriority - 1, 0);
    }
    this.looked = retired;
    this.nextLook = icount + SPINNING_INSNS;
  }
}

/** Distinct ones, in their order; the later one is the lower one, in no order of its own. */
function placesAmong(random: Random, count: number, insns: number, fromIcount: number): Place[] {
  const icounts = new Set<number>();
  while (icounts.size < Math.min(count, insns)) icounts.add(fromIcount + random.below(insns));
  return [...icounts]
    .map((icount, rank) => ({ icount, priority: FIRST_PRIORITY - 1 - rank }))
    .sort((a, b) => a.icount - b.icount);
}
