/**
 * Stops a run and lets it go on, live or on replay, at exact positions. It only says when: the guest, its clocks and the
 * log are the same as without it, however long it holds.
 */
import { Subject, type Observable } from "rxjs";

import type { Machine } from "../../machine/machine.js";
import type { MachineState } from "../../machine/state.js";
import type { Position, PositionedEvent } from "../../reducers/events.js";
import { goalOf, type Goal, type RunTarget } from "./run-target.js";

/** Why a run stands still: it was asked to, it came where it should, or it is over. */
export interface Stopped {
  readonly cause: "paused" | "reached" | "ended";
  readonly position: Position;
}

export class Control {
  private readonly changes$ = new Subject<void>();
  private readonly stops$ = new Subject<Stopped>();
  private machine: Machine | undefined;
  private goal: Goal | undefined;
  private mode: "running" | "pausing" | "paused" | "ended";

  /** `paused`: it begins by standing still, as with QEMU's -S. */
  constructor({ paused = false }: { readonly paused?: boolean } = {}) {
    this.mode = paused ? "pausing" : "running";
  }

  get isPaused(): boolean {
    return this.mode === "paused";
  }

  get hasEnded(): boolean {
    return this.mode === "ended";
  }

  /** For who runs the machine: whether a stop was asked for that did not come yet. */
  get isWanted(): boolean {
    return this.mode === "pausing" || this.goal !== undefined;
  }

  /** Each stop, once the machine stands. */
  get stopped$(): Observable<Stopped> {
    return this.stops$.asObservable();
  }

  /** The state where the machine stands; taking one changes nothing. */
  state(): MachineState {
    return this.attached().state();
  }

  /** Stops at the next place where the run can; resolves when it stands. */
  pause(): Promise<Stopped> {
    if (this.mode === "paused" || this.mode === "ended") return Promise.resolve(this.standing("paused"));
    this.goal = undefined;
    this.mode = "pausing";
    return this.change();
  }

  resume(): void {
    if (this.mode === "ended") return;
    this.goal = undefined;
    this.mode = "running";
    this.changes$.next();
  }

  /** Lets it retire so many instructions, with the events on the way; stops before the events that stand there. */
  step(insns = 1): Promise<Stopped> {
    return this.runUntil({ insns });
  }

  /** Lets it run to a place. Resolves with `ended` where the run is over before. */
  runUntil(target: RunTarget): Promise<Stopped> {
    if (this.mode === "ended") return Promise.resolve(this.standing("ended"));
    this.goal = goalOf(target, this.attached());
    this.mode = "running";
    return this.change();
  }

  /** For who runs the machine: hears of its effects from here on. */
  attach(machine: Machine): void {
    this.machine = machine;
    const hear = machine.onEffect;
    machine.onEffect = (effect) => {
      hear(effect);
      if (this.goal?.hear?.(effect) === true) machine.breakOff();
    };
  }

  /** For who runs the machine: emits when `holds` may have another answer. */
  get changed$(): Observable<void> {
    return this.changes$.asObservable();
  }

  /** For who runs the machine: no run may go beyond this. */
  get limitIcount(): number {
    return this.goal?.limitIcount(this.attached()) ?? Infinity;
  }

  /** For who runs the machine, wherever it stands: whether it must stay there. */
  holds(): boolean {
    if (this.mode === "pausing") this.stand("paused");
    else if (this.mode === "running" && this.goal?.isReached(this.attached()) === true) this.stand("reached");
    return this.mode === "paused";
  }

  /** For who runs the machine: right after the fold of an event. */
  saw(event: PositionedEvent): void {
    this.goal?.see?.(event);
  }

  /** For who runs the machine: the run is over. */
  end(): void {
    if (this.mode === "ended") return;
    this.mode = "ended";
    this.stops$.next(this.standing("ended"));
  }

  private stand(cause: "paused" | "reached"): void {
    this.mode = "paused";
    this.goal = undefined;
    this.stops$.next(this.standing(cause));
  }

  private change(): Promise<Stopped> {
    return new Promise((resolve) => {
      const subscription = this.stops$.subscribe((stopped) => {
        subscription.unsubscribe();
        resolve(stopped);
      });
      this.changes$.next();
    });
  }

  private standing(cause: Stopped["cause"]): Stopped {
    return { cause, position: this.attached().position };
  }

  private attached(): Machine {
    if (this.machine === undefined) throw new Error("the control is of no run yet: give it to run or replay$");
    return this.machine;
  }
}
