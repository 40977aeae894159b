/**
 * The machine runs in bursts; between them inputs are let in, what is due is emitted, and an idle machine's clock is
 * warped.
 */
import { EMPTY, merge, Subscription, type Unsubscribable } from "rxjs";

import type { Machine, Stop } from "../../../machine/machine.js";
import { isOfDebugger } from "../../../reducers/debugger.js";
import type { MachineEvent, PositionedEvent } from "../../../reducers/events.js";
import type { Seq } from "../../../reducers/position.js";
import { hostTime, type HostTime } from "../../time/host-time.js";
import type { VirtualTimers } from "../../time/timer-queue.js";
import { deviationsOf } from "../../chaos/deviations-of.js";
import { Deviator } from "../../chaos/deviator.js";
import { IdleClock, type WakeTarget } from "./idle-clock.js";
import { requireInput } from "./input-check.js";
import { InputQueue } from "./input-queue.js";
import type { SequenceOptions } from "./sequence-options.js";
import { Burst } from "./burst.js";

/** Where the events go; each has been folded when `next` returns. */
interface Target {
  next(event: PositionedEvent): void;
  complete(): void;
  error(fault: unknown): void;
}

const isOfPower = ({ type }: MachineEvent): boolean => type === "machine/shutdown" || type === "machine/resetRequested";

export class Sequencer implements WakeTarget {
  private readonly waiting = new InputQueue();
  private readonly time: HostTime;
  private readonly burst: Burst;
  private readonly idleClock: IdleClock;
  private readonly deviator: Deviator | undefined;
  private nextTurn: Unsubscribable = Subscription.EMPTY;
  private nextCheckpoint: number;
  /** While somebody holds it: how many inputs had come and waited. */
  private held: { readonly inputs: number } | undefined;
  private controlled = Subscription.EMPTY;
  isRunning = false;
  /** The power switch or the reset button was pressed, and the machine has not yet done it. */
  private powerAsked: "reset" | "shutdown" | undefined;
  private isDone = false;
  private inputEnded = false;

  constructor(
    private readonly machine: Machine,
    private readonly options: SequenceOptions,
    private readonly target: Target,
  ) {
    this.time = options.time ?? hostTime;
    this.burst = new Burst(this.time);
    this.idleClock = new IdleClock(machine, options, this.time, this);
    const deviations = deviationsOf(machine, options);
    this.deviator = deviations && new Deviator(machine, deviations);
    const { checkpointInsns = Infinity } = options;
    this.nextCheckpoint = (Math.floor(machine.position.icount / checkpointInsns) + 1) * checkpointInsns;
    if (Number.isNaN(this.nextCheckpoint)) this.nextCheckpoint = Infinity;
  }

  start(): void {
    this.idleClock.start();
    const { control, demand } = this.options;
    this.controlled = merge(control?.changed$ ?? EMPTY, demand?.changed$ ?? EMPTY).subscribe(() => {
      if (!this.isRunning) this.obey();
    });
    this.turn();
  }

  stop(): void {
    this.isDone = true;
    this.stopWaiting();
    this.controlled.unsubscribe();
    // Unsubscribed by who heard of an effect: the guest does not go on either.
    this.machine.breakOff();
  }

  offer(event: unknown): void {
    if (this.isDone) return;
    try {
      requireInput(this.machine, event);
      this.waiting.push(event);
    } catch (fault) {
      this.fail(fault);
      return;
    }
    // Whoever switches the machine off waits for no debugger, and for nobody who reads slowly.
    if (isOfPower(event)) {
      if (this.powerAsked !== "shutdown") this.powerAsked = event.type === "machine/shutdown" ? "shutdown" : "reset";
      if (this.held !== undefined) this.options.control?.resume();
      if (!this.isRunning) this.goOn();
    } else if (this.held !== undefined && isOfDebugger(event)) this.emitHeld(event);
    this.wakeSleeper();
  }

  /** Whoever looks at a machine that stands sees there at once what is written. */
  private emitHeld(event: MachineEvent): void {
    this.guarded(() => {
      this.emit(this.waiting.take((candidate) => candidate === event) ?? event);
    });
    // It may be what an idle guest waits for.
    this.held = { inputs: NaN };
  }

  /** Whether nobody types any more, from here on. */
  setInputEnded(hasEnded: boolean): void {
    this.inputEnded = hasEnded;
    if (hasEnded) this.wakeSleeper();
  }

  /** An idle machine is woken; a running one looks when its burst ends. */
  private wakeSleeper(): void {
    if (!this.isRunning && this.idleClock.isAsleep) this.turn();
  }

  private obey(): void {
    if (this.isDone) return;
    try {
      if (this.held !== undefined) this.goOn();
      else if (this.idleClock.isAsleep) this.holds();
    } catch (fault) {
      // Of a predicate that somebody gave to the control.
      this.fail(fault);
    }
  }

  private hold(): void {
    this.held = { inputs: this.waiting.length };
    this.idleClock.hold();
  }

  private goOn(): void {
    const { held, waiting } = this;
    if (held === undefined || this.isHeld()) return;
    this.held = undefined;
    this.idleClock.goOn();
    // What its device had refused before wakes nobody.
    if (this.idleClock.isAsleep && waiting.length === held.inputs) this.idleClock.wait();
    else this.turn();
  }

  turn(): void {
    if (this.isDone || this.held !== undefined) return;
    this.stopWaiting();
    this.guarded(() => {
      const sleptNs = this.idleClock.wake(this.waiting.length);
      if (sleptNs > 0n) this.emit({ type: "clock/warped", byNs: sleptNs });
      this.runBurst();
    });
  }

  externalDue(): void {
    this.guarded(() => {
      this.options.external?.advanceTo(this.machine.virtualNs + this.idleClock.sleptNs);
    });
    if (this.isDone) return;
    if (this.waiting.length > 0 || this.inputEnded || this.idleClock.isOverdue) this.turn();
    else this.idleClock.wait();
  }

  /** What comes in meanwhile only waits; what goes wrong ends the stream. */
  private guarded(work: () => void): void {
    this.isRunning = true;
    try {
      work();
    } catch (fault) {
      this.fail(fault);
    } finally {
      this.isRunning = false;
    }
  }

  private fail(fault: unknown): void {
    this.stop();
    this.target.error(fault);
  }

  private stopWaiting(): void {
    this.nextTurn.unsubscribe();
    this.idleClock.stopWaiting();
  }

  private runBurst(): void {
    this.burst.begin(this.machine.position.icount);
    while (this.goesOn());
  }

  /** Runs the guest up to where something is to be decided, and decides it. False: the turn is over. */
  private goesOn(): boolean {
    const { machine, options, burst } = this;
    const { untilIcount = Infinity } = options;
    if (this.holds()) return false;
    const { limitIcount = Infinity } = options.control ?? {};
    const deviationIcount = this.deviator?.nextIcount ?? Infinity;
    const wantedIcount = Math.min(untilIcount, limitIcount, deviationIcount, this.timersIcount());
    const end = Math.min(burst.endIcount, this.nextCheckpoint, wantedIcount, this.powerIcount());
    const stop = machine.run(end);
    this.runTimers(options.virtual);
    this.runTimers(options.external);
    const { icount } = machine.position;
    if (stop === "off") {
      this.finish();
      return false;
    }
    if (this.holds()) return false;
    // Who broke it off behind a trap does not hold it: nothing may happen before the handler's first instruction.
    if (stop === "brokenOff" && machine.isMidway) return true;
    if (stop === "due") {
      const isTimer = this.emitDue()?.type === "clint/timerFired";
      // Work for devices takes the host's time and none of the burst's instructions.
      if (isTimer ? burst.isLateByTimers() : burst.isLate) burst.endBy(icount + 1);
      return true;
    }
    if (stop !== "awaiting" && this.deviate()) return true;
    if (this.admitOne(stop)) return true;
    if (stop === "awaiting") {
      // Whoever wants to hold the machine has given it its answer.
      if (machine.awaited === undefined) return true;
      this.idleClock.sleepFor(Infinity);
      return false;
    }
    if (icount >= this.nextCheckpoint) {
      this.emit({ type: "checkpoint/hashed", hash: machine.hash() });
      this.nextCheckpoint += options.checkpointInsns ?? Infinity;
      return true;
    }
    if (icount >= untilIcount) {
      this.finish();
      return false;
    }
    if (stop === "idle" && !this.warp()) return false;
    if (this.isDone) return false;
    if (icount < burst.endIcount && !(stop === "idle" && burst.isLate)) return true;
    burst.ended(icount);
    this.nextTurn = this.time.nextTurn.subscribe({
      next: () => {
        this.turn();
      },
    });
    return false;
  }

  /** Whether it stays where it is: somebody holds it, or has gone. */
  private holds(): boolean {
    const { control } = this.options;
    // Where an instruction waits is no position: it gets its answer first, and until that has come there is no holding.
    if (this.machine.awaited !== undefined && control?.isWanted === true && !this.answer()) return this.isDone;
    if (this.isDone) return true;
    if (!this.isHeld()) return false;
    this.hold();
    return true;
  }

  private isHeld(): boolean {
    const { control, demand } = this.options;
    return control?.holds() === true || (demand?.isMet === true && this.powerAsked === undefined);
  }

  /** Where a timer outside the guest wants the run to pause; it decides nothing in the guest. */
  private timersIcount(): number {
    const { virtual, external } = this.options;
    return Math.min(this.icountOf(virtual), this.icountOf(external));
  }

  /** Who is switched off goes no further; behind a trap is no position yet. */
  private powerIcount(): number {
    if (this.powerAsked !== "shutdown") return Infinity;
    const { position, isMidway } = this.machine;
    return isMidway ? position.icount + 1 : position.icount;
  }

  private runTimers(timers: VirtualTimers | undefined): void {
    if (timers?.deadlineNs !== undefined) timers.advanceTo(this.machine.virtualNs);
  }

  private icountOf(timers: VirtualTimers | undefined): number {
    const deadlineNs = timers?.deadlineNs;
    return deadlineNs === undefined ? Infinity : this.machine.icountAt(deadlineNs);
  }

  private emitDue(): MachineEvent | undefined {
    const due = this.machine.due();
    if (due !== undefined) this.emit(due);
    return due;
  }

  private deviate(): boolean {
    const event = this.deviator?.next();
    if (event !== undefined) this.emit(event);
    return event !== undefined;
  }

  /** Emits the first waiting input that its device can take. A guest that waits gets what there is at once. */
  private admitOne(stop: Stop): boolean {
    if (this.waiting.length === 0) return false;
    const isHeldBack = this.deviator?.holdsInput === true && stop !== "idle" && stop !== "awaiting";
    const event = this.waiting.take((candidate) => isOfPower(candidate) || (!isHeldBack && this.canTake(candidate)));
    if (event === undefined) return false;
    // An instruction that waits has no position of its own: a trap may have been taken before it, which retires
    // nothing.
    const { awaited, unanswered } = this.machine;
    if (event.type !== awaited && unanswered !== undefined && !this.answer()) this.emit(unanswered);
    this.emit(event);
    this.deviator?.inputTaken();
    return true;
  }

  private canTake(event: MachineEvent): boolean {
    const { awaited } = this.machine;
    if (awaited !== undefined && event.type !== awaited) return false;
    return this.machine.accepts(event);
  }

  /** Emits what an instruction waits for. False: it has not come yet. */
  private answer(): boolean {
    const { awaited } = this.machine;
    const event = this.waiting.take(({ type }) => type === awaited);
    if (event !== undefined) this.emit(event);
    return event !== undefined;
  }

  /**
   * The idle machine's clock moves to its next deadline, now or after a sleep. False: it sleeps, or the run is over.
   */
  private warp(): boolean {
    if (this.isStarved()) {
      this.finish();
      return false;
    }
    const byNs = this.idleClock.jumpNs();
    if (byNs === undefined) return false;
    this.emit({ type: "clock/warped", byNs });
    return true;
  }

  /** Nothing will ever wake the idle guest: input that waits still was refused by it just now. */
  private isStarved(): boolean {
    const { machine, options, idleClock } = this;
    const hasTimer = idleClock.deadlineNs !== undefined || options.external?.deadlineNs !== undefined;
    return this.inputEnded && !hasTimer && machine.outstandingEffects.length === 0;
  }

  private finish(): void {
    this.stop();
    this.target.complete();
  }

  private emit(event: MachineEvent): void {
    if (this.isDone) return;
    if (event.type === "machine/reset" && this.powerAsked === "reset") this.powerAsked = undefined;
    const { seq, icount } = this.machine.position;
    const positioned = { seq: (seq + 1) as Seq, icount, event };
    this.target.next(positioned);
    this.options.control?.saw(positioned);
  }
}
