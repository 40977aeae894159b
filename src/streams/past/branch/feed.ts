/** Hands out a branch's inputs: deviations by icount, what nobody asked for by its time, answers to who asks. */
import type { MachineEvent } from "../../../reducers/events.js";
import { isDeviation } from "../../chaos/deviations.js";
import {
  ALARM_KEY,
  fitting,
  hostNsAt,
  keyOfAnswer,
  keyOfRequest,
  ownAnswer,
  type Asking,
  type HostReading,
} from "./answers.js";
import { eventOf, type BranchInput } from "./branch-input.js";

/** How far a feed has got, as a value: another feed with the same inputs up to there goes on from it. */
export interface FeedPlace {
  readonly deviations: number;
  readonly unsolicited: number;
  /** Of those that were due, what its device had no room for. */
  readonly waiting: readonly number[];
  /** By key: how many answers were given. */
  readonly given: ReadonlyMap<string, number>;
  /** Undefined: the host's clock was not read yet. */
  readonly reading: HostReading | undefined;
}

export const AT_BEGINNING: FeedPlace = {
  ...{ deviations: 0, unsolicited: 0, waiting: [], given: new Map(), reading: undefined },
};

/** What answers are made from that are not among the inputs. */
export interface OwnAnswers {
  readonly seed: string;
  /** The last reading of the host's clock before the first input. */
  readonly readingBefore: () => HostReading;
}

export class Feed {
  private readonly deviations: BranchInput[] = [];
  private readonly unsolicited: BranchInput[] = [];
  private readonly answers = new Map<string, BranchInput[]>();
  private deviated: number;
  private due: number;
  private readonly waiting: number[];
  private readonly given: Map<string, number>;
  private reading: HostReading | undefined;

  constructor(
    /** In order. */
    inputs: readonly BranchInput[],
    private readonly own: OwnAnswers,
    place: FeedPlace,
  ) {
    for (const input of inputs) this.listOf(input).push(input);
    this.deviated = place.deviations;
    this.due = place.unsolicited;
    this.waiting = [...place.waiting];
    this.given = new Map(place.given);
    this.reading = place.reading;
  }

  get place(): FeedPlace {
    const { deviated, due, waiting, given, reading } = this;
    return { deviations: deviated, unsolicited: due, waiting: [...waiting], given: new Map(given), reading };
  }

  /** Where the next deviation is due; Infinity: none is left. */
  get nextIcount(): number {
    return this.deviations[this.deviated]?.icount ?? Infinity;
  }

  /** When the next input is due of those that nobody asks for; undefined: none is left. */
  get nextNs(): bigint | undefined {
    return this.unsolicited[this.due]?.ns;
  }

  /** Whether what was due did not go in yet. */
  get hasWaiting(): boolean {
    return this.waiting.length > 0;
  }

  takeDeviation(icount: number): MachineEvent | undefined {
    const next = this.deviations[this.deviated];
    if (next === undefined || next.icount > icount) return undefined;
    this.deviated += 1;
    return eventOf(next);
  }

  /** What is due from now on waits. Answers whether anything does that did not before. */
  becomeDue(nowNs: bigint): boolean {
    const before = this.due;
    for (let next = this.unsolicited[this.due]; next !== undefined && next.ns <= nowNs;) {
      this.waiting.push(this.due);
      this.due += 1;
      next = this.unsolicited[this.due];
    }
    return this.due > before;
  }

  /** The first of those that wait and can go in. One that can't holds up only those for the same device. */
  takeWaiting(accepts: (event: MachineEvent) => boolean): MachineEvent | undefined {
    const refused = new Set<string>();
    for (const [at, index] of this.waiting.entries()) {
      const input = this.unsolicited[index];
      if (input === undefined) continue;
      const device = "slot" in input ? `${input.type} ${String(input.slot)}` : input.type;
      if (refused.has(device)) continue;
      const event = eventOf(input);
      if (accepts(event)) {
        this.waiting.splice(at, 1);
        return event;
      }
      refused.add(device);
    }
    return undefined;
  }

  /** When the answer to a request comes. One whose time is past comes at once. */
  answerNs(asking: Asking, nowNs: bigint): bigint {
    const recorded = this.recordedAnswer(asking, nowNs);
    if (recorded !== undefined) return recorded.ns > nowNs ? recorded.ns : nowNs;
    if (asking.type !== "rtcAlarm/armed") return nowNs;
    const leftNs = asking.hostNs - this.hostNs(nowNs);
    return leftNs > 0n ? nowNs + leftNs : nowNs;
  }

  takeAnswer(asking: Asking, nowNs: bigint): MachineEvent {
    const recorded = this.recordedAnswer(asking, nowNs);
    const key = keyOfRequest(asking);
    const number = this.given.get(key) ?? 0;
    this.given.set(key, number + 1);
    const answer =
      recorded === undefined
        ? ownAnswer(asking, { seed: this.own.seed, number, hostNs: this.hostNs(nowNs) })
        : fitting(eventOf(recorded), asking);
    if (answer.type === "goldfishRtc/hostClockRead") this.reading = { hostNs: answer.hostNs, ns: nowNs };
    return answer;
  }

  private hostNs(nowNs: bigint): bigint {
    return hostNsAt((this.reading ??= this.own.readingBefore()), nowNs);
  }

  private recordedAnswer(asking: Asking, nowNs: bigint): BranchInput | undefined {
    const key = keyOfRequest(asking);
    const answers = this.answers.get(key) ?? [];
    let number = this.given.get(key) ?? 0;
    // An alarm answers no request in particular: what the parent had before now was another one's.
    if (key === ALARM_KEY) while ((answers[number]?.ns ?? nowNs) < nowNs) number += 1;
    if (number > 0) this.given.set(key, number);
    return answers[number];
  }

  private listOf(input: BranchInput): BranchInput[] {
    if (isDeviation(input)) return this.deviations;
    const key = keyOfAnswer(input);
    if (key === undefined) return this.unsolicited;
    let list = this.answers.get(key);
    if (list === undefined) this.answers.set(key, (list = []));
    return list;
  }
}
