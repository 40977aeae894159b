/**
 * The harts of a running machine. The engine executes the one whose turn it is. A turn ends with its quantum, when its
 * hart waits, and when an interrupt line of another hart rises. It then goes to the next hart that can run.
 */
import * as schedule from "../reducers/schedule.js";
import type { Engine } from "./engine/engine.js";
import { hartState, loadHart, type HartState } from "./hart/registers.js";
import { NO_RESERVATION } from "./hart/fields.js";
import type { InterruptLines } from "./interrupt-lines.js";
import type { MachineState } from "./state.js";
import { canRun, isLockedUp } from "./waiting.js";

export class Harts {
  private readonly count: number;
  /** What each hart's lines were when they were last looked at. */
  private readonly seen: Int32Array;
  /** A line of another hart rose. */
  private isCut = false;

  constructor(
    private readonly engine: Engine,
    private readonly lines: InterruptLines,
    public schedule: schedule.ScheduleState,
  ) {
    this.count = schedule.retired.length;
    this.seen = new Int32Array(this.count);
  }

  /** The icount at which the turn ends; Infinity: no other hart can run. */
  get turnEndIcount(): number {
    return this.schedule.untilIcount ?? Infinity;
  }

  /** No hart can run before an event. */
  get areIdle(): boolean {
    if (this.count === 1) return !this.canRun(0);
    return this.next() === undefined;
  }

  /** All are in trap loops that no interrupt can end. */
  get areLockedUp(): boolean {
    for (let hart = 0; hart < this.count; hart += 1) if (!isLockedUp(this.engine.hart(hart))) return false;
    return true;
  }

  states(): readonly HartState[] {
    return Array.from({ length: this.count }, (_, hart) => hartState(this.engine.hart(hart)));
  }

  load({ harts, schedule: loaded }: Pick<MachineState, "harts" | "schedule">): void {
    harts.forEach((state, hart) => {
      loadHart(this.engine.hart(hart), state);
      this.engine.hart(hart).forgetNotes();
    });
    this.begin(loaded);
    for (let hart = 0; hart < this.count; hart += 1) this.seen[hart] = this.lines.of(hart);
    this.isCut = false;
  }

  accepts(event: schedule.ScheduleEvent): boolean {
    return schedule.accepts(this.schedule, event);
  }

  reduce(event: schedule.ScheduleEvent, icount: number): void {
    this.schedule = schedule.reduce(this.schedule, event, icount);
  }

  /** Shows the executing hart its lines. Answers whether its turn ends, because a line of another hart rose. */
  show(mtimeOffset: bigint): boolean {
    const { engine, lines, schedule } = this;
    engine.showInputs(lines.of(schedule.hart), mtimeOffset);
    if (this.count > 1) this.look();
    return this.isCut;
  }

  /**
   * Between two instructions: gives the turn on if it is over. A position has one state, so this is done as soon as it
   * can be. `hasPaused`: the last instruction was a pause. Answers whether another hart executes.
   */
  passOn(icount: number, hasPaused: boolean): boolean {
    if (this.count === 1) return false;
    const { hart } = this.schedule;
    const isOver = this.isCut || hasPaused || icount >= this.turnEndIcount || !this.canRun(hart);
    this.isCut = false;
    if (!isOver) return false;
    // A hart that pauses gives way to the others, whatever their priorities.
    const next = (hasPaused ? this.next(hart, hart) : undefined) ?? this.next();
    // Whoever wakes one of them gives it the turn.
    if (next === undefined) return false;
    const isAlone = this.next(next, next) === undefined;
    // Another hart's store would break the reservation. It is broken for all of them, which SC is free to do.
    if (next !== hart) this.engine.registers.setField("reservation", NO_RESERVATION);
    this.begin(schedule.turnOf(this.schedule, next, icount, { isAlone }));
    return next !== hart;
  }

  private begin(next: schedule.ScheduleState): void {
    this.schedule = next;
    const { hart, sinceIcount, retired, untilIcount } = next;
    this.engine.execute(hart, {
      othersInsns: sinceIcount - (retired[hart] ?? 0),
      yieldsFrom: untilIcount === null ? Infinity : sinceIcount + schedule.MIN_TURN_INSNS,
    });
  }

  /** The hart of the highest priority that can run: the first one in the order of turns after `hart`, which is last. */
  private next(hart = this.schedule.hart, except?: number): number | undefined {
    const { priorities } = this.schedule;
    let best: number | undefined;
    for (let step = 1; step <= this.count; step += 1) {
      const candidate = (hart + step) % this.count;
      if (candidate === except || !this.canRun(candidate)) continue;
      if (best === undefined || (priorities[candidate] ?? 0) > (priorities[best] ?? 0)) best = candidate;
    }
    return best;
  }

  private canRun(hart: number): boolean {
    return canRun(this.engine.hart(hart), this.lines.of(hart));
  }

  private look(): void {
    const { seen, lines, schedule } = this;
    for (let hart = 0; hart < this.count; hart += 1) {
      const now = lines.of(hart);
      if (hart !== schedule.hart && (now & ~(seen[hart] ?? 0)) !== 0) this.isCut = true;
      seen[hart] = now;
    }
  }
}
