/**
 * Few deviations of all kinds, at long-tailed distances and of long-tailed lengths, as rr's chaos mode makes them: most
 * bugs need a short disturbance at the right place or a long one at any, and nobody knows which.
 */
import type { Machine } from "../../machine/machine.js";
import { QUANTUM_INSNS } from "../../reducers/schedule.js";
import type { DeviationEvent, Deviations } from "./deviations.js";
import type { Random } from "./random.js";
import { skew } from "./skew.js";
import { endTurn, WantedPriorities } from "./wanted-priorities.js";

const LEAST_GAP_INSNS = 64;
/** Least and most. Each run has a longest gap of its own: some runs are disturbed often, some hardly at all. */
const SPARSEST_GAP_INSNS = [1 << 12, 1 << 23] as const;
const HOLD_INSNS = [1 << 10, 1 << 22] as const;
/** Least, and the range of the most: the longest pause between two inputs is each run's own. */
const LEAST_PAUSE_INSNS = 64;
const SLOWEST_PACE_INSNS = [1 << 12, 1 << 20] as const;
const PACED_CHANCE = 0.5;
const PROLONGED_INSNS = [1 << 10, 16 * QUANTUM_INSNS] as const;

const KINDS_OF_ONE_HART = ["skew", "skew", "holdInput"] as const;
const KINDS = [
  "endTurn",
  "endTurn",
  "endTurn",
  "endTurn",
  "prolong",
  "holdHart",
  "holdHart",
  ...KINDS_OF_ONE_HART,
] as const;

export class RandomChaos implements Deviations {
  private readonly harts: number;
  private readonly longestGapInsns: number;
  private readonly priorities: WantedPriorities;
  private gapEndIcount: number;
  /** A hart is held back until there; Infinity: none is. */
  private hartHeldUntil = Infinity;
  private inputHeldUntil = Infinity;
  /** 0: inputs go in as they come. Decided at the first one: a run without input takes no chance of it. */
  private longestPauseInsns: number | undefined;

  constructor(
    machine: Machine,
    private readonly random: Random,
  ) {
    this.harts = machine.present.config.harts;
    this.priorities = new WantedPriorities(this.harts);
    this.longestGapInsns = random.longTailed(...SPARSEST_GAP_INSNS);
    this.gapEndIcount = machine.position.icount + this.gapInsns();
  }

  get nextIcount(): number {
    return Math.min(this.gapEndIcount, this.hartHeldUntil, this.inputHeldUntil);
  }

  get holdsInput(): boolean {
    return this.inputHeldUntil < Infinity;
  }

  /**
   * What comes at once, as a script's text does, goes in one by one in some of the runs: else all of it would have one
   * instant, and an interrupt handler's race with what it interrupts hardly ever showed.
   */
  inputTaken(machine: Machine): void {
    const { random } = this;
    this.longestPauseInsns ??= random.happens(PACED_CHANCE) ? random.longTailed(...SLOWEST_PACE_INSNS) : 0;
    if (this.longestPauseInsns === 0) return;
    const until = machine.position.icount + random.longTailed(LEAST_PAUSE_INSNS, this.longestPauseInsns);
    this.inputHeldUntil = this.holdsInput ? Math.max(this.inputHeldUntil, until) : until;
  }

  *at(machine: Machine): Generator<DeviationEvent, void> {
    const { icount } = machine.position;
    if (icount >= this.inputHeldUntil) this.inputHeldUntil = Infinity;
    if (icount >= this.hartHeldUntil) this.letHartsGo();
    const isGapOver = icount >= this.gapEndIcount;
    if (isGapOver) this.gapEndIcount = icount + this.gapInsns();
    yield* this.priorities.settle(machine);
    if (isGapOver) yield* this.deviate(machine);
  }

  private *deviate(machine: Machine): Generator<DeviationEvent, void> {
    const { random } = this;
    const { icount } = machine.position;
    const kinds = this.harts === 1 ? KINDS_OF_ONE_HART : KINDS;
    switch (kinds[random.below(kinds.length)]) {
      case "skew":
        yield* skew(machine, random);
        break;
      case "holdInput":
        this.inputHeldUntil = icount + holdInsns(random);
        break;
      case "prolong": {
        const byInsns = random.longTailed(...PROLONGED_INSNS);
        if (machine.present.schedule.untilIcount !== null) yield { type: "schedule/turnProlonged", byInsns };
        break;
      }
      case "holdHart":
        this.holdBack(random.below(this.harts));
        this.hartHeldUntil = icount + holdInsns(random);
        yield* this.priorities.settle(machine);
        break;
      default:
        yield* endTurn(machine);
    }
  }

  private holdBack(held: number): void {
    for (let hart = 0; hart < this.harts; hart += 1) this.priorities.want(hart, hart === held ? 0 : 1);
  }

  /** All are equal. */
  private letHartsGo(): void {
    for (let hart = 0; hart < this.harts; hart += 1) this.priorities.want(hart, 1);
    this.hartHeldUntil = Infinity;
  }

  private gapInsns(): number {
    return this.random.longTailed(LEAST_GAP_INSNS, this.longestGapInsns);
  }
}

const holdInsns = (random: Random): number => random.longTailed(...HOLD_INSNS);
