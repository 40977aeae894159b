/**
 * Stops a run and lets it go on, live or on replay, at exact positions. It only says when: the guest, its clocks and
 * the log are the same as without it, however long it holds.
 */
import { defer, Subject, tap, type MonoTypeOperatorFunction, type Observable } from "rxjs";

import { check } from "../../options/check.js";
import { exactly, flag, maybe } from "../../options/codecs.js";
import type { Machine } from "../../machine/machine.js";
import type { MachineState } from "../../machine/state.js";
import type { PositionedEvent } from "../../reducers/events.js";
import { positionOf, type Position } from "../../reducers/position.js";
import { streamEventOf } from "../../reducers/stream-event.js";
import { goalOf, type Goal, type RunTarget } from "./run-target.js";

/** What became of a command, and where the machine was then. */
export type Stopped = { readonly position: Position } & (
  | {
      /**
       * `paused`, `reached`: the machine stands there, as it was asked to. `overruled`: another command came first, and
       * the machine goes on. `ended`, `unsubscribed`: the run is over.
       */
      readonly cause: "paused" | "reached" | "overruled" | "ended" | "unsubscribed";
      /** Who stopped it, where that was somebody who heard what the guest does: see `stopHere`. */
      readonly by?: unknown;
    }
  /** The run is over, by this error. */
  | { readonly cause: "failed"; readonly fault: unknown }
);

/** Where it stood. Traps retire nothing, and turns pass: an icount alone does not say which instruction came next. */
export interface Stood {
  readonly icount: number;
  readonly hart: number;
  readonly pc: bigint;
  /** As in `Stopped`. */
  readonly by: unknown;
}

/** How a run can be over. */
type End = { readonly cause: "ended" | "unsubscribed" } | { readonly cause: "failed"; readonly fault: unknown };

const CONTROL_OPTIONS = exactly<{ readonly paused?: boolean }>({ paused: maybe(flag) });

export class Control {
  private readonly changes$ = new Subject<void>();
  private readonly stops$ = new Subject<Stopped>();
  /** Of the commands that the machine did not come to yet. */
  private waiting: ((stopped: Stopped) => void)[] = [];
  private machine: Machine | undefined;
  private goal: Goal | undefined;
  private mode: "running" | "pausing" | "paused" | "ended";
  private by: unknown;
  private stood: Stood | undefined;
  private end: Stopped | undefined;

  /** `paused`: it begins by standing still, as with QEMU's -S. */
  constructor(options: { readonly paused?: boolean } = {}) {
    check("Control", CONTROL_OPTIONS, options);
    const { paused = false } = options;
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

  /** Where it stood last; undefined: it did not yet. */
  get stoodAt(): Stood | undefined {
    return this.stood;
  }

  /** For who hears what the guest does and has ended the run there: it stands as soon as the machine does. */
  stopHere(by: unknown): void {
    if (this.mode !== "running" && this.mode !== "pausing") return;
    this.mode = "pausing";
    this.by = by;
  }

  /** The state where the machine stands; taking one changes nothing. */
  state(): MachineState {
    return this.attached().state();
  }

  /** Stops at the next place where the run can. Resolves when it stands, or with the cause why it never will. */
  pause(): Promise<Stopped> {
    if (this.end !== undefined) return Promise.resolve(this.end);
    if (this.mode === "paused") return Promise.resolve(this.standing("paused"));
    if (this.mode === "running") this.overrule();
    this.goal = undefined;
    this.mode = "pausing";
    return this.change();
  }

  resume(): void {
    if (this.mode === "ended") return;
    this.overrule();
    this.goal = undefined;
    this.mode = "running";
    this.changes$.next();
  }

  /** Lets it retire so many instructions, with the events on the way; stops before the events that stand there. */
  step(insns = 1): Promise<Stopped> {
    return this.runUntil({ insns });
  }

  /** Lets it run to a place. Resolves when it stands there, or with the cause why it never will. */
  async runUntil(target: RunTarget): Promise<Stopped> {
    const goal = goalOf(target, this.attached());
    if (this.end !== undefined) return this.end;
    this.overrule();
    this.goal = goal;
    this.mode = "running";
    return this.change();
  }

  /**
   * For who runs the machine: hears of its effects until the run is over. A control that held a run before is as new.
   */
  attach(machine: Machine): void {
    if (this.machine !== undefined && this.mode !== "ended") {
      throw new Error("this control holds a run that is not over: give each run a control of its own");
    }
    if (this.mode === "ended") this.mode = "running";
    this.end = undefined;
    this.machine = machine;
    this.detach = machine.listen((effect) => {
      if (this.goal?.hear?.(effect) === true) machine.breakOff();
    });
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
    if (this.mode === "pausing") this.stand(this.by === undefined ? "paused" : "reached");
    else if (this.mode === "running" && this.goal?.isReached(this.attached()) === true) this.stand("reached");
    return this.mode === "paused";
  }

  /** For who runs the machine: right after the fold of an event. */
  saw(event: PositionedEvent): void {
    if (this.goal?.see !== undefined) this.goal.see(streamEventOf(event, this.attached().virtualNs));
  }

  /** For who runs the machine: the run is over. */
  over(end: End): void {
    if (this.mode === "ended" || this.machine === undefined) return;
    this.mode = "ended";
    this.goal = undefined;
    this.detach();
    this.end = { ...end, position: this.machine.position };
    this.settle(this.end);
    this.stops$.next(this.end);
  }

  private detach: () => void = () => undefined;

  private stand(cause: "paused" | "reached"): void {
    this.mode = "paused";
    this.goal = undefined;
    const { by } = this;
    this.by = undefined;
    const stopped = { ...this.standing(cause), ...(by !== undefined && { by }) };
    const { hart, pc } = this.attached();
    this.stood = { icount: stopped.position.icount, hart, pc, by };
    this.settle(stopped);
    this.stops$.next(stopped);
  }

  private change(): Promise<Stopped> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.changes$.next();
    });
  }

  private overrule(): void {
    if (this.waiting.length > 0) this.settle(this.standing("overruled"));
  }

  private settle(stopped: Stopped): void {
    const { waiting } = this;
    this.waiting = [];
    for (const resolve of waiting) resolve(stopped);
  }

  private standing(cause: "paused" | "reached" | "overruled"): Stopped {
    return { cause, position: this.machine?.position ?? positionOf(0, 0) };
  }

  private attached(): Machine {
    if (this.machine === undefined) throw new Error("the control is of no run yet: give it to run or replay$");
    return this.machine;
  }
}

/** The control holds the machine while the stream is subscribed, and is told how it ended. */
export const controlled =
  <T>(control: Control | undefined, machine: Machine): MonoTypeOperatorFunction<T> =>
  (run$) => {
    if (control === undefined) return run$;
    return defer(() => {
      control.attach(machine);
      return run$.pipe(
        tap({
          complete: () => {
            control.over({ cause: "ended" });
          },
          error: (fault: unknown) => {
            control.over({ cause: "failed", fault });
          },
          unsubscribe: () => {
            control.over({ cause: "unsubscribed" });
          },
        }),
      );
    });
  };
