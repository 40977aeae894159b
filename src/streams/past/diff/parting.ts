/**
 * Where the guests of two recordings part: the first icount at which registers, RAM, disks or devices differ. Events
 * may differ long before, and clocks too: what the guest has not noticed yet is no parting.
 *
 * Two guests that are the same, clocks included, stay the same while their inputs are. So nothing runs up to the first
 * input that differs. From there on both go step by step, later in growing strides; between two strides the place is
 * found by halving.
 */
import type { MachineState } from "../../../machine/state.js";
import type { PlainPosition } from "../../../reducers/position.js";
import type { Recording } from "../recording.js";
import { isOfTheGuest, type Difference } from "./difference.js";
import { firstDifferentEvent, isPredicted } from "./events.js";
import { registerDifferences } from "./registers.js";
import { futuresOf, registerPrefix, stateDifferences, type Scope } from "./states.js";
import type { Walker } from "./walker.js";

export interface Found {
  readonly icount: number;
  /** No earlier one that healed was overlooked: each instruction on the way was compared, or need not be. */
  readonly isFirst: boolean;
}

/** How far the guests are compared after each instruction. */
export const EXACT_INSNS = 50_000;
const INSNS_A_STEP = 1024;
/** Then each stride is this part of the way. */
const STRIDE_SHARE = 16;

export class Search {
  /** The last icount that both recordings have. */
  readonly endIcount: number;
  /** Of the events there, as many as both have: that one of them ends is told otherwise. */
  private readonly eventsAtEnd: number;

  constructor(
    private readonly a: Walker,
    private readonly b: Walker,
  ) {
    this.endIcount = Math.min(a.lastIcount, b.lastIcount);
    this.eventsAtEnd = Math.min(...[a, b].map(({ recording }) => eventsAt(recording, this.endIcount)));
  }

  /**
   * From an icount on, a stretch at a time: tells how far they are. Undefined: they do not part up to the end of the
   * shorter one.
   */
  *next(fromIcount: number, scope: Scope): Generator<PlainPosition, Found | undefined> {
    let at = fromIcount;
    let exactUntil = at + EXACT_INSNS;
    let isFirst = true;
    yield* this.stepsTo(at);
    while (!this.differ(scope)) {
      yield this.a.machine.position;
      if (at >= this.endIcount) return undefined;
      const certain = yield* this.skipped(at);
      if (certain === undefined) return undefined;
      if (certain > at) {
        at = certain;
        exactUntil = at + EXACT_INSNS;
      } else if (at < exactUntil) {
        at = yield* this.stepped(at, Math.min(exactUntil, this.endIcount), scope);
      } else {
        isFirst = false;
        const to = Math.min(this.endIcount, at + Math.ceil((at - fromIcount) / STRIDE_SHARE));
        at = yield* this.strode(at, to, scope);
      }
    }
    return { icount: at, isFirst };
  }

  /**
   * How far they go without a difference, by what they are: both go there. `at`: that is not known. Undefined: to the
   * end.
   */
  private *skipped(at: number): Generator<PlainPosition, number | undefined> {
    const future = futuresOf(this.a.machine.state(), this.b.machine.state());
    if (future === "different") return at;
    const input = future === "same" ? this.nextInput() : undefined;
    if (future === "same" && input === undefined) return undefined;
    const to = input ?? this.clockRead(at);
    if (to > at) yield* this.stepsTo(to);
    return to;
  }

  /** Where one of them looks at its clock, or at a device, or gets an event; the next instruction at least. */
  private clockRead(at: number): number {
    const { a, b } = this;
    const limit = Math.min(a.nextEventIcount, b.nextEventIcount, this.endIcount);
    return limit <= at ? at + 1 : Math.max(at + 1, a.untilClockRead(limit));
  }

  /** Both stand there, after its events. */
  goTo(icount: number): void {
    for (const walker of [this.a, this.b])
      walker.goTo(icount, icount === this.endIcount ? this.eventsAtEnd : undefined);
  }

  private *stepsTo(icount: number): Generator<PlainPosition, void> {
    for (const walker of [this.a, this.b])
      yield* walker.stepsTo(icount, icount === this.endIcount ? this.eventsAtEnd : undefined);
  }

  /** What is of the guest and not ignored; the rest of the rows is told with it. */
  differences(scope: Scope): Generator<Difference> {
    return stateDifferences(this.a.machine.state(), this.b.machine.state(), scope);
  }

  private differ(scope: Scope): boolean {
    for (const row of this.differences(scope)) if (isOfTheGuest(row)) return true;
    return false;
  }

  /** The icount of the next input that they do not have in common; undefined: there is none. */
  private nextInput(): number | undefined {
    const { a, b } = this;
    const after = { a: a.machine.position.seq, b: b.machine.position.seq };
    const pair = firstDifferentEvent(a.recording, b.recording, { after, isLeftOut: isPredicted });
    if (pair === undefined) return undefined;
    const icount = Math.min(pair.a?.icount ?? Infinity, pair.b?.icount ?? Infinity);
    return Math.min(icount, this.endIcount);
  }

  /** One instruction after the other, up to where they may differ or be alike again. */
  private *stepped(fromIcount: number, untilIcount: number, scope: Scope): Generator<PlainPosition, number> {
    const both = [this.a, this.b] as const;
    for (const walker of both) walker.watchStores(true);
    try {
      for (let icount = fromIcount + 1; icount <= untilIcount; icount += 1) {
        const before = both.map((walker) => markOf(walker));
        this.goTo(icount);
        const isQuiet = both.every((walker, side) => isSameMark(before[side], markOf(walker)));
        const haveSameStores = this.haveSameStores();
        if (!isQuiet || !haveSameStores || this.registersDiffer(before, scope)) return icount;
        if (icount % INSNS_A_STEP === 0) yield this.a.machine.position;
      }
      return untilIcount;
    } finally {
      for (const walker of both) walker.watchStores(false);
    }
  }

  /** Both go there; or, where they differ there, to a place in between from which on they do. */
  private *strode(fromIcount: number, toIcount: number, scope: Scope): Generator<PlainPosition, number> {
    const [inA, inB] = [this.a.machine.state(), this.b.machine.state()];
    yield* this.stepsTo(toIcount);
    if (!this.differ(scope)) return toIcount;
    const place = yield* this.halved(fromIcount, toIcount, inA, inB, scope);
    yield* this.stepsTo(place);
    return place;
  }

  /** Of the harts that executed: no other one's change. */
  private registersDiffer(before: readonly Mark[], { ignored }: Scope): boolean {
    const [a, b] = [this.a.machine, this.b.machine];
    const harts = new Set([...before.map(({ hart }) => hart), a.hart, b.hart]);
    for (const hart of harts) {
      const [inA, inB] = [a.present.harts[hart], b.present.harts[hart]];
      if (inA === undefined || inB === undefined) continue;
      const prefix = registerPrefix(a.present, hart);
      for (const row of registerDifferences(inA, inB, hart, prefix)) if (!ignored.has(row)) return true;
    }
    return false;
  }

  private haveSameStores(): boolean {
    const [a, b] = [this.a.takeStores(), this.b.takeStores()];
    return a.length === b.length && a.every((part, index) => part === b[index]);
  }

  /** They do not differ at `low`, and do at `high`. Answers the first of two neighbours of which the same is true. */
  private *halved(
    low: number,
    high: number,
    stateA: MachineState,
    stateB: MachineState,
    scope: Scope,
  ): Generator<PlainPosition, number> {
    let [from, to] = [low, high];
    let [inA, inB] = [stateA, stateB];
    while (to - from > 1) {
      const middle = from + Math.floor((to - from) / 2);
      for (const [walker, state] of [
        [this.a, inA],
        [this.b, inB],
      ] as const) {
        walker.load(state);
        yield* walker.stepsTo(middle);
      }
      if (this.differ(scope)) {
        to = middle;
      } else {
        from = middle;
        [inA, inB] = [this.a.machine.state(), this.b.machine.state()];
      }
    }
    return to;
  }
}

/** What changes where more than registers and memory may have changed. */
interface Mark {
  readonly eventCount: number;
  readonly platform: unknown;
  readonly hart: number;
}

const markOf = ({ machine, eventCount }: Walker): Mark => ({
  eventCount,
  platform: machine.present.platform,
  hart: machine.hart,
});

const isSameMark = (a: Mark | undefined, b: Mark): boolean =>
  a?.eventCount === b.eventCount && a.platform === b.platform;

function eventsAt({ log }: Recording, icount: number): number {
  let count = 0;
  for (const { event, ...position } of log.events()) {
    if (position.icount > icount) break;
    if (position.icount === icount && event.type !== "checkpoint/hashed") count += 1;
  }
  return count;
}
