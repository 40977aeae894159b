/**
 * Gives every event its position. The machine runs in slices; between them inputs are let in, what is due is
 * emitted, and an idle machine's clock is warped. Downstream must fold each event before it returns.
 */
import { Observable, Subscription, type OperatorFunction } from "rxjs";

import type { Machine } from "../machine/machine.js";
import type { MachineEvent, PositionedEvent } from "../reducers/events.js";
import type { Control } from "./control.js";
import { hostTime, type HostTime } from "./host-time.js";
import type { Sleeper, VirtualTimers } from "./timer-queue.js";
import { InputQueue } from "./input-queue.js";

export interface SequenceOptions {
  /** An idle machine sleeps until its next timer, as the guest sees it; or its clock jumps there at once (QEMU: -icount sleep=). */
  readonly sleep?: boolean;
  /** Instructions from one state hash in the stream to the next; absent: none. */
  readonly checkpointInsns?: number;
  /** Ends the stream when the machine gets there. */
  readonly untilIcount?: number;
  readonly time?: HostTime;
  /** Stops the run and lets it go on. */
  readonly control?: Control | undefined;
  /** Timers that an idle machine goes to as to the guest's own: see `virtualScheduler`. */
  readonly virtual?: VirtualTimers;
  /** Timers outside the guest that follow its clock, and no more. */
  readonly external?: VirtualTimers;
  /**
   * Emits when nobody will type any more. From then on, as when all backends have completed, an idle guest that no timer
   * and nothing that it asked for can wake ends the stream.
   */
  readonly inputEnded$?: Observable<unknown>;
}

/** How long the host's other work may have to wait. */
const SLICE_MS = 8;
const FIRST_SLICE_INSNS = 200_000;
const MAX_SLICE_INSNS = 16_000_000;
/** Shorter sleeps are put together: no host timer is as fine as the guest's. */
const SHORTEST_SLEEP_MS = 2;
/** Above this a host timer overflows; a sleep until then is made of several. */
const LONGEST_SLEEP_MS = 1 << 30;
const NS_A_MS = 1e6;

export const sequence =
  (machine: Machine, options: SequenceOptions = {}): OperatorFunction<MachineEvent, PositionedEvent> =>
  (inputs$) =>
    new Observable((subscriber) => {
      const sequencer = new Sequencer(machine, options, {
        next: (event) => {
          subscriber.next(event);
        },
        complete: () => {
          subscriber.complete();
        },
        error: (fault) => {
          subscriber.error(fault);
        },
      });
      const subscription = inputs$.subscribe({
        next: (event) => {
          sequencer.offer(event);
        },
        complete: () => {
          sequencer.noMoreInput();
        },
        error: (fault: unknown) => {
          subscriber.error(fault);
        },
      });
      subscription.add(
        options.inputEnded$?.subscribe(() => {
          sequencer.noMoreInput();
        }),
      );
      sequencer.start();
      return () => {
        subscription.unsubscribe();
        sequencer.stop();
      };
    });

const isOfPower = ({ type }: MachineEvent): boolean => type === "machine/shutdown" || type === "machine/resetRequested";

interface Target {
  next(event: PositionedEvent): void;
  complete(): void;
  error(fault: unknown): void;
}

class Sequencer implements Sleeper {
  private readonly waiting = new InputQueue();
  private readonly time: HostTime;
  private wakeUp = Subscription.EMPTY;
  private sliceInsns = FIRST_SLICE_INSNS;
  private nextCheckpoint: number;
  /** Virtual time that passed by warps without the host having waited for it. */
  private owedMs = 0;
  private sleepingSinceMs: number | undefined;
  /** When its next timer wakes a sleeping guest, on the host's clock. */
  private wakeAtMs = Infinity;
  /** While the control holds: since when, and since when it slept, if it did; and how many inputs had come and waited. */
  private held:
    { readonly sinceMs: number; readonly sleepingSinceMs: number | undefined; readonly inputs: number } | undefined;
  private controlled = Subscription.EMPTY;
  private isRunning = false;
  private isDone = false;
  private inputEnded = false;

  constructor(
    private readonly machine: Machine,
    private readonly options: SequenceOptions,
    private readonly target: Target,
  ) {
    this.time = options.time ?? hostTime;
    const { checkpointInsns = Infinity } = options;
    this.nextCheckpoint = (Math.floor(machine.position.icount / checkpointInsns) + 1) * checkpointInsns;
    if (Number.isNaN(this.nextCheckpoint)) this.nextCheckpoint = Infinity;
  }

  start(): void {
    this.options.external?.attach(this);
    this.options.virtual?.attach(this.ofVirtualTimers());
    const { control } = this.options;
    control?.attach(this.machine);
    this.controlled =
      control?.changed$.subscribe(() => {
        if (!this.isRunning) this.obey();
      }) ?? Subscription.EMPTY;
    this.turn();
  }

  /** Their next one ends a sleep, as one of the guest's own does. */
  private ofVirtualTimers(): Sleeper {
    const sleptNs = (): bigint => (this.options.sleep === false ? 0n : this.sleptNs);
    return {
      get sleptNs() {
        return sleptNs();
      },
      timerArmed: () => {
        if (this.isRunning || this.sleepingSinceMs === undefined) return;
        // Not at once: whoever arms it has yet to learn how to cancel it.
        this.wakeUp.unsubscribe();
        this.wakeUp = this.subscribe(this.time.nextTurn);
      },
    };
  }

  /** How far the guest's clock will have moved on, as far as it has slept by now. */
  get sleptNs(): bigint {
    const { machine } = this;
    if (this.sleepingSinceMs === undefined || !machine.isIdle || machine.due() !== undefined) return 0n;
    const sleptMs = this.time.monotonicMs() - this.sleepingSinceMs - this.owedMs;
    const sleptNs = BigInt(Math.max(0, Math.round(sleptMs * NS_A_MS)));
    const { deadlineNs } = this;
    const leftNs = deadlineNs === undefined ? sleptNs : deadlineNs - machine.virtualNs;
    return sleptNs < leftNs ? sleptNs : leftNs;
  }

  /** What an idle machine's clock may not pass. */
  private get deadlineNs(): bigint | undefined {
    const [guest, outside] = [this.machine.deadlineNs, this.options.virtual?.deadlineNs];
    return guest === undefined || (outside !== undefined && outside < guest) ? outside : guest;
  }

  timerArmed(): void {
    if (!this.isRunning && this.sleepingSinceMs !== undefined) this.waitForTimers();
  }

  stop(): void {
    this.isDone = true;
    this.wakeUp.unsubscribe();
    this.controlled.unsubscribe();
    this.options.control?.end();
  }

  offer(event: MachineEvent): void {
    this.waiting.push(event);
    // Whoever switches the machine off does not wait for a debugger.
    if (this.held !== undefined && isOfPower(event)) this.options.control?.resume();
    // An idle machine is woken; a running one looks when its slice ends.
    if (!this.isRunning && this.sleepingSinceMs !== undefined) this.turn();
  }

  noMoreInput(): void {
    this.inputEnded = true;
    if (!this.isRunning && this.sleepingSinceMs !== undefined) this.turn();
  }

  private obey(): void {
    if (this.isDone) return;
    if (this.held !== undefined) this.goOn();
    else if (this.sleepingSinceMs !== undefined && this.options.control?.holds() === true) this.hold();
  }

  /** A machine that sleeps stands still too. */
  private hold(): void {
    const { sleepingSinceMs, waiting } = this;
    this.held = { sinceMs: this.time.monotonicMs(), sleepingSinceMs, inputs: waiting.length };
    this.sleepingSinceMs = undefined;
    this.wakeUp.unsubscribe();
  }

  /** Its sleep goes on as if no time had passed. */
  private goOn(): void {
    const { held, waiting } = this;
    if (held === undefined || this.options.control?.holds() === true) return;
    this.held = undefined;
    if (held.sleepingSinceMs === undefined) {
      this.turn();
      return;
    }
    const heldMs = this.time.monotonicMs() - held.sinceMs;
    this.sleepingSinceMs = held.sleepingSinceMs + heldMs;
    this.wakeAtMs += heldMs;
    // What its device had refused before wakes nobody.
    if (waiting.length > held.inputs) this.turn();
    else this.waitForTimers();
  }

  private turn(): void {
    if (this.isDone || this.held !== undefined) return;
    this.wakeUp.unsubscribe();
    this.guarded(() => {
      this.warpBySleep();
      this.runSlice();
    });
  }

  /** What comes in meanwhile only waits; what goes wrong ends the stream. */
  private guarded(work: () => void): void {
    this.isRunning = true;
    try {
      work();
    } catch (fault) {
      this.stop();
      this.target.error(fault);
    } finally {
      this.isRunning = false;
    }
  }

  private runSlice(): void {
    const { machine, options } = this;
    const { untilIcount = Infinity } = options;
    const startMs = this.time.monotonicMs();
    const startIcount = machine.position.icount;
    let sliceEnd = startIcount + this.sliceInsns;
    for (;;) {
      if (this.holds()) return;
      const { limitIcount = Infinity } = options.control ?? {};
      const end = Math.min(sliceEnd, this.nextCheckpoint, untilIcount, limitIcount, this.timersIcount());
      const stop = machine.run(end);
      options.virtual?.advanceTo(machine.virtualNs);
      options.external?.advanceTo(machine.virtualNs);
      const { icount } = machine.position;
      if (stop === "off") {
        this.finish();
        return;
      }
      if (this.holds()) return;
      if (stop === "due") {
        this.emitDue();
        // Work for devices takes the host's time and none of the slice's instructions.
        if (this.time.monotonicMs() - startMs > SLICE_MS) sliceEnd = Math.min(sliceEnd, icount + 1);
        continue;
      }
      if (this.admitOne()) continue;
      if (stop === "hostClock") {
        this.sleepFor(undefined);
        return;
      }
      if (icount >= this.nextCheckpoint) {
        this.emit({ type: "checkpoint/hashed", hash: machine.hash() });
        this.nextCheckpoint += options.checkpointInsns ?? Infinity;
        continue;
      }
      if (icount >= untilIcount) {
        this.finish();
        return;
      }
      if (stop === "idle" && !this.warp()) return;
      if (icount >= sliceEnd || (stop === "idle" && this.time.monotonicMs() - startMs > SLICE_MS)) {
        this.pace(icount - startIcount, this.time.monotonicMs() - startMs);
        this.wakeUp = this.subscribe(this.time.nextTurn);
        return;
      }
    }
  }

  private holds(): boolean {
    const { control } = this.options;
    if (control === undefined) return false;
    // As for a reset: where it waits is no position.
    if (this.machine.isWaitingForHostClock && control.isWanted) this.answerHostClock();
    if (!control.holds()) return false;
    this.hold();
    return true;
  }

  /** Sizes the next slice to its time. Where a slice ends decides nothing but where inputs are let in. */
  private pace(insns: number, elapsedMs: number): void {
    const fitting = Math.round((insns / Math.max(elapsedMs, 0.1)) * SLICE_MS);
    this.sliceInsns = Math.min(Math.max(fitting, FIRST_SLICE_INSNS / 8), MAX_SLICE_INSNS);
  }

  /** Where a timer outside the guest wants the run to pause; it decides nothing in the guest. */
  private timersIcount(): number {
    const { virtual, external } = this.options;
    return Math.min(this.icountOf(virtual), this.icountOf(external));
  }

  private icountOf(timers: VirtualTimers | undefined): number {
    const deadlineNs = timers?.deadlineNs;
    return deadlineNs === undefined ? Infinity : this.machine.icountAt(deadlineNs);
  }

  private emitDue(): void {
    const due = this.machine.due();
    if (due !== undefined) this.emit(due);
  }

  /** Emits the first waiting input that its device can take. */
  private admitOne(): boolean {
    const event = this.waiting.take((candidate) => this.canTake(candidate));
    if (event === undefined) return false;
    if (this.machine.isWaitingForHostClock && event.type !== "goldfishRtc/hostClockRead") this.answerHostClock();
    this.emit(event);
    return true;
  }

  private canTake(event: MachineEvent): boolean {
    if (isOfPower(event)) return true;
    if (this.machine.isWaitingForHostClock) return event.type === "goldfishRtc/hostClockRead";
    return this.machine.accepts(event);
  }

  /**
   * The reset button works on a guest that waits for the time too. An instruction that waits has no position of its
   * own (a trap may have been taken before it, which retires nothing), so it gets its answer first.
   */
  private answerHostClock(): void {
    this.emit({ type: "goldfishRtc/hostClockRead", hostNs: this.time.wallNs() });
  }

  /** The idle machine's clock moves to its next deadline, now or after a sleep. False: it sleeps. */
  private warp(): boolean {
    const { machine, deadlineNs } = this;
    if (deadlineNs === undefined) {
      if (this.isForsaken()) this.finish();
      else this.sleepFor(undefined);
      return false;
    }
    const byNs = deadlineNs - machine.virtualNs;
    if (this.options.sleep !== false) {
      const neededMs = this.owedMs + Number(byNs) / NS_A_MS;
      if (neededMs >= SHORTEST_SLEEP_MS) {
        this.sleepFor(neededMs);
        return false;
      }
      this.owedMs = neededMs;
    }
    // A disk answers soon: the guest's clock stands still until then, or a jump a turn would make it the slowest of disks.
    else if (machine.awaitsDisk) {
      this.sleepFor(undefined);
      return false;
    }
    this.emit({ type: "clock/warped", byNs });
    return true;
  }

  /** Nothing will ever wake the idle guest: input that waits still was refused by it just now. */
  private isForsaken(): boolean {
    return (
      this.inputEnded && this.machine.outstandingEffects.length === 0 && this.options.external?.deadlineNs === undefined
    );
  }

  private sleepFor(delayMs: number | undefined): void {
    this.sleepingSinceMs = this.time.monotonicMs();
    this.wakeAtMs = delayMs === undefined ? Infinity : this.sleepingSinceMs + delayMs;
    this.waitForTimers();
  }

  /** The guest's next timer ends the sleep; one outside the guest runs while it goes on. */
  private waitForTimers(): void {
    this.wakeUp.unsubscribe();
    const nowMs = this.time.monotonicMs();
    const externalMs = this.externalAtMs();
    const atMs = Math.min(this.wakeAtMs, externalMs);
    if (atMs === Infinity) return;
    const sleep = this.time.after(Math.min(Math.max(atMs - nowMs, 0), LONGEST_SLEEP_MS));
    this.wakeUp =
      this.wakeAtMs <= externalMs
        ? this.subscribe(sleep)
        : this.subscribe(sleep, () => {
            this.runExternalTimers();
          });
  }

  /** When the next timer outside the guest is due, on the host's clock. */
  private externalAtMs(): number {
    const { machine, options, sleepingSinceMs } = this;
    const deadlineNs = options.external?.deadlineNs;
    // A guest that waits for the host's clock does not sleep: its time stands still.
    if (deadlineNs === undefined || sleepingSinceMs === undefined || !machine.isIdle) return Infinity;
    // Rounded up: what is too early would find nothing due, again and again.
    return sleepingSinceMs + this.owedMs + Math.ceil(Number(deadlineNs - machine.virtualNs) / 1000) / 1000;
  }

  private runExternalTimers(): void {
    this.guarded(() => {
      this.options.external?.advanceTo(this.machine.virtualNs + this.sleptNs);
    });
    if (this.isDone) return;
    if (this.waiting.length > 0 || this.inputEnded || this.time.monotonicMs() >= this.wakeAtMs) this.turn();
    else this.waitForTimers();
  }

  /** After a sleep, the guest's clock shows that it slept: up to its deadline, however long the host took. */
  private warpBySleep(): void {
    const { sleptNs } = this;
    const wasIdle = this.sleepingSinceMs !== undefined && this.machine.isIdle && this.machine.due() === undefined;
    this.sleepingSinceMs = undefined;
    if (!wasIdle) return;
    this.owedMs = 0;
    // A clock that only jumps from timer to timer does not show it.
    if (this.options.sleep === false) this.options.external?.outlast(sleptNs);
    else if (sleptNs > 0n) this.emit({ type: "clock/warped", byNs: sleptNs });
  }

  private finish(): void {
    this.stop();
    this.target.complete();
  }

  private emit(event: MachineEvent): void {
    const { seq, icount } = this.machine.position;
    const positioned = { seq: seq + 1, icount, event };
    this.target.next(positioned);
    this.options.control?.saw(positioned);
  }

  private subscribe(
    source: HostTime["nextTurn"],
    work = (): void => {
      this.turn();
    },
  ): Subscription {
    const unsubscribable = source.subscribe({ next: work });
    return new Subscription(() => {
      unsubscribable.unsubscribe();
    });
  }
}
