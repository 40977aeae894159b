/**
 * Runs a machine on from a moment with inputs that are known beforehand. It decides as the sequencer of a live run
 * does, but by the guest's time and instructions alone, so that the same inputs make the same events.
 */
import { fold } from "../../../machine/fold.js";
import type { Machine } from "../../../machine/machine.js";
import type { MachineEvent, PositionedEvent } from "../../../reducers/events.js";
import type { Seq } from "../../../reducers/position.js";
import { deviationsOf } from "../../chaos/deviations-of.js";
import { Deviator } from "../../chaos/deviator.js";
import type { ChaosOptions } from "../../chaos/chaos-options.js";
import { isAsking, type Asking } from "./answers.js";
import type { BranchInput } from "./branch-input.js";
import { AT_BEGINNING, Feed, type FeedPlace, type OwnAnswers } from "./feed.js";

/** How far a future has got, beside its machine's state, as a value. */
export interface FuturePlace extends FeedPlace {
  readonly pollInsns: number;
  readonly pollIcount: number;
}

export interface FutureOptions extends OwnAnswers {
  /** Makes the deviations, instead of those among the inputs. */
  readonly chaos?: ChaosOptions | undefined;
  /** Where it ends at the latest. */
  readonly untilIcount: number;
  readonly untilNs: bigint | undefined;
  readonly place?: FuturePlace | undefined;
}

/** The longest stretch between two steps, so that the host gets its turns. */
const STEP_INSNS = 4_000_000;
/** How soon an input is tried again that its device had no room for: at first, and at the latest. */
const SHORTEST_POLL_INSNS = 64;
const LONGEST_POLL_INSNS = 65_536;

export class Future {
  private readonly feed: Feed;
  private readonly deviator: Deviator | undefined;
  /** Requests may be open; false: none is. */
  private mayBeAsked = true;
  /** Where what waits is tried again, and how far from there the next time. */
  private pollIcount: number;
  private pollInsns: number;
  /** Where it makes a step without an event. That decides nothing. */
  pauseIcount = Infinity;

  constructor(
    private readonly machine: Machine,
    inputs: readonly BranchInput[],
    private readonly options: FutureOptions,
  ) {
    const { chaos, place } = options;
    this.feed = new Feed(inputs, options, place ?? AT_BEGINNING);
    this.pollInsns = place?.pollInsns ?? SHORTEST_POLL_INSNS;
    this.pollIcount = place?.pollIcount ?? 0;
    const deviations = deviationsOf(machine, { chaos });
    this.deviator = deviations && new Deviator(machine, deviations);
  }

  get place(): FuturePlace {
    const { feed, pollInsns, pollIcount } = this;
    return { ...feed.place, pollInsns, pollIcount };
  }

  /** One step an event, after its fold, and one a long stretch of instructions: then there is no event. */
  *steps(): Generator<PositionedEvent | undefined, void> {
    const { machine } = this;
    const stopListening = machine.listen((effect) => {
      if (isAsking(effect)) this.mayBeAsked = true;
    });
    try {
      for (;;) {
        const limit = this.limitIcount();
        const stop = machine.run(Math.min(limit, this.nextIcount()));
        if (stop === "off") return;
        if (stop === "brokenOff") {
          yield undefined;
          continue;
        }
        // Before the events that stand there, as everywhere.
        if (machine.position.icount >= limit) return;
        const event = this.eventHere(stop === "idle");
        if (event !== undefined) {
          yield this.emit(event);
          continue;
        }
        if (stop === "idle") {
          const byNs = this.warpNs();
          if (byNs === undefined) return;
          yield this.emit({ type: "clock/warped", byNs });
        } else yield undefined;
      }
    } finally {
      stopListening();
    }
  }

  private emit(event: MachineEvent): PositionedEvent {
    const { seq, icount } = this.machine.position;
    const positioned = { seq: (seq + 1) as Seq, icount, event };
    fold(this.machine, positioned);
    return positioned;
  }

  private limitIcount(): number {
    const { untilIcount, untilNs } = this.options;
    return untilNs === undefined ? untilIcount : Math.min(untilIcount, this.machine.icountAt(untilNs));
  }

  /** Where something may have to be decided next. */
  private nextIcount(): number {
    const { machine, feed, deviator } = this;
    const { icount } = machine.position;
    const dueNs = this.nextDueNs();
    return Math.min(
      icount + STEP_INSNS,
      deviator?.nextIcount ?? feed.nextIcount,
      dueNs === undefined ? Infinity : machine.icountAt(dueNs),
      feed.hasWaiting && deviator?.holdsInput !== true ? Math.max(this.pollIcount, icount + 1) : Infinity,
      this.pauseIcount > icount ? this.pauseIcount : Infinity,
    );
  }

  /** The event that comes here, if any does: what the state predicts, then what comes from outside. */
  private eventHere(isIdle: boolean): MachineEvent | undefined {
    const { machine } = this;
    if (machine.awaited !== undefined) return this.feed.takeAnswer({ type: "hostClock/requested" }, machine.virtualNs);
    return machine.due() ?? this.deviation() ?? this.answer() ?? this.input(isIdle);
  }

  private deviation(): MachineEvent | undefined {
    const { deviator, feed, machine } = this;
    return deviator === undefined ? feed.takeDeviation(machine.position.icount) : deviator.next();
  }

  private answer(): MachineEvent | undefined {
    const { feed, machine } = this;
    const nowNs = machine.virtualNs;
    const asking = this.asked().find((one) => feed.answerNs(one, nowNs) <= nowNs);
    return asking && feed.takeAnswer(asking, nowNs);
  }

  private input(isIdle: boolean): MachineEvent | undefined {
    const { feed, machine, deviator } = this;
    const { icount } = machine.position;
    if (feed.becomeDue(machine.virtualNs)) this.pollSoon(icount);
    if (!feed.hasWaiting || (icount < this.pollIcount && !isIdle)) return undefined;
    if (deviator?.holdsInput === true && !isIdle) return undefined;
    const event = feed.takeWaiting((candidate) => machine.accepts(candidate));
    if (event === undefined) {
      this.pollIcount = icount + this.pollInsns;
      this.pollInsns = Math.min(this.pollInsns * 2, LONGEST_POLL_INSNS);
      return undefined;
    }
    this.pollSoon(icount);
    deviator?.inputTaken();
    return event;
  }

  private pollSoon(icount: number): void {
    this.pollIcount = icount;
    this.pollInsns = SHORTEST_POLL_INSNS;
  }

  /** Open requests. */
  private asked(): readonly Asking[] {
    if (!this.mayBeAsked) return [];
    const open = this.machine.outstandingEffects.filter(isAsking);
    this.mayBeAsked = open.length > 0;
    return open;
  }

  /** When the next input or answer is due of those that are not due yet. */
  private nextDueNs(): bigint | undefined {
    const { feed, machine } = this;
    const nowNs = machine.virtualNs;
    const times = this.asked().map((asking) => feed.answerNs(asking, nowNs));
    if (feed.nextNs !== undefined) times.push(feed.nextNs);
    return times.reduce<bigint | undefined>((least, ns) => (least === undefined || ns < least ? ns : least), undefined);
  }

  /** An idle machine's clock jumps to what comes next; undefined: nothing will ever wake it, or its end comes first. */
  private warpNs(): bigint | undefined {
    const { machine, options } = this;
    const times = [machine.deadlineNs, this.nextDueNs()].filter((ns) => ns !== undefined);
    const [first, second = first] = times;
    if (first === undefined || second === undefined) return undefined;
    const nextNs = first < second ? first : second;
    const { untilNs } = options;
    return untilNs !== undefined && nextNs >= untilNs ? undefined : nextNs - machine.virtualNs;
  }
}
