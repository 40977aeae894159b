/**
 * The harts of a running machine. The engine executes the one whose turn it is. A turn ends with its quantum, when its
 * hart waits, and when an interrupt line of another hart rises. It then goes to the next hart that can run.
 */
import * as schedule from "../reducers/schedule.js";
import { diagnose, type Diagnosis } from "./diagnosis.js";
import type { Engine } from "./engine/engine.js";
import { hartState, loadHart, type HartState } from "./hart/registers.js";
import { NO_RESERVATION } from "./hart/fields.js";
import type { InterruptLines } from "./interrupt-lines.js";
import type { MachineState } from "./state.js";
import { canRun, isLockedUp } from "./waiting.js";

/** Why turns ended: so many instructions or a deviation, WFI, a pause, or an interrupt line of another hart. */
export const TURN_ENDS = ["quantum", "wait", "pause", "interrupt"] as const;
export type TurnEnd = (typeof TURN_ENDS)[number];
/** How many of a hart's turns ended in which way. Derived, and not part of the state. */
export type TurnEnds = Readonly<Record<TurnEnd, number>>;

export class Harts {
  readonly turnEnds: readonly Record<TurnEnd, number>[];
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
    this.turnEnds = Array.from({ length: this.count }, () => ({ quantum: 0, wait: 0, pause: 0, interrupt: 0 }));
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

  /** Why they are stuck, as far as they are. */
  get diagnosis(): Diagnosis {
    return diagnose(Array.from({ length: this.count }, (_, hart) => this.engine.hart(hart)));
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
    const end = this.turnEnd(icount, hasPaused);
    this.isCut = false;
    if (end === undefined) return false;
    // A hart that pauses gives way to the others, whatever their priorities.
    const next = (hasPaused ? this.next(hart, hart) : undefined) ?? this.next();
    // Whoever wakes one of them gives it the turn.
    if (next === undefined) return false;
    const isAlone = this.next(next, next) === undefined;
    const ends = this.turnEnds[hart];
    if (ends !== undefined) ends[end] += 1;
    // Another hart's store would break the reservation. It is broken for all of them, which SC is free to do.
    if (next !== hart) this.engine.registers.setField("reservation", NO_RESERVATION);
    this.begin(schedule.turnOf(this.schedule, next, icount, { isAlone }));
    return next !== hart;
  }

  /** Why the present turn is over; undefined: it is not. */
  private turnEnd(icount: number, hasPaused: boolean): TurnEnd | undefined {
    if (this.isCut) return "interrupt";
    if (hasPaused) return "pause";
    if (icount >= this.turnEndIcount) return "quantum";
    return this.canRun(this.schedule.hart) ? undefined : "wait";
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

  canRun(hart: number): boolean {
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
