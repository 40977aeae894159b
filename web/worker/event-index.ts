/** Every event of a recording in a few bytes: for densities, and for what time it was where. */
import type { EventKind, PageInstant, PagePosition } from "../protocol.js";
import { EVENTS, type EventType } from "../../src/reducers/events.js";
import { EventClock } from "../../src/streams/past/recorded-events.js";
import type { Recording } from "../../src/streams/past/recording.js";
import { PageError } from "./cancelled.js";
import { Column } from "./column.js";

/** More take more memory than a page should. */
export const MAX_PAGE_EVENTS = 8_000_000;

const EVENTS_A_STEP = 4096;

export class EventIndex {
  /** Of the event with seq `first + index`. */
  private readonly icounts = new Column();
  private readonly times = new Column();
  private readonly typeOf = new Column();
  readonly types: EventType[] = [];
  readonly counts: number[] = [];
  private readonly numbers = new Map<EventType, number>();
  private readonly first: number;

  private constructor(
    private readonly start: PageInstant,
    private readonly nsAnInsn: number,
    private readonly clock: EventClock,
  ) {
    this.first = start.seq + 1;
  }

  /** A stretch at a time. @throws {LogError} where it comes to damage @throws {PageError} where there are too many */
  static *of(recording: Recording, start: PageInstant): Generator<undefined, EventIndex> {
    const { log, config } = recording;
    const index = new EventIndex(start, 2 ** config.shift, EventClock.ofLog(log, config.shift));
    yield* index.readOn(recording);
    return index;
  }

  /** What came to the recording since, and nothing before it: a machine runs for long. Throws as `of` does. */
  *readOn({ log }: Recording): Generator<undefined, void> {
    for (const positioned of log.events({ fromSeq: this.first + this.size })) {
      const { type, icount, ns } = this.clock.timed(positioned);
      let number = this.numbers.get(type);
      if (number === undefined) {
        this.numbers.set(type, (number = this.types.push(type) - 1));
        this.counts.push(0);
      }
      this.icounts.push(icount);
      this.times.push(Number(ns));
      this.typeOf.push(number);
      this.counts[number] = (this.counts[number] ?? 0) + 1;
      if (this.size > MAX_PAGE_EVENTS) throw tooMany();
      if (this.size % EVENTS_A_STEP === 0) yield undefined;
    }
  }

  get size(): number {
    return this.icounts.length;
  }

  /** The virtual clock at a position. */
  nsAt({ seq, icount }: PagePosition): number {
    const at = seq - this.first;
    const [ns, since] = at < 0 ? [this.start.ns, this.start.icount] : [this.times.at(at), this.icounts.at(at)];
    return ns + (icount - since) * this.nsAnInsn;
  }

  instantAt(position: PagePosition): PageInstant {
    const { seq, icount } = position;
    return { seq, icount, ns: this.nsAt(position) };
  }

  /** Before the events that stand at an icount. */
  before(icount: number): PageInstant {
    return this.instantAt({ seq: this.first - 1 + this.icounts.firstAtLeast(icount), icount });
  }

  /** The first at which the virtual clock has come to a time: in between, or right after an event that let it jump. */
  atNs(ns: number): PageInstant {
    const next = this.times.firstAtLeast(ns);
    const before = this.instantAt(next === 0 ? this.start : this.positionOf(next - 1));
    const icount = before.icount + Math.max(0, Math.ceil((ns - before.ns) / this.nsAnInsn));
    if (next < this.size && icount > this.icounts.at(next)) return this.instantAt(this.positionOf(next));
    return this.instantAt({ seq: before.seq, icount });
  }

  positionOf(at: number): PagePosition {
    return { seq: this.first + at, icount: this.icounts.at(at) };
  }

  /** Of the one with that seq; undefined: there is none. */
  event(seq: number): PageInstant | undefined {
    const at = seq - this.first;
    return at < 0 || at >= this.size ? undefined : this.instantAt(this.positionOf(at));
  }

  /** How many of each type there are in each bucket between two bounds on an axis: type by type. */
  density(axis: "icount" | "ns", from: number, until: number, buckets: number): readonly Uint32Array[] {
    const counts = this.types.map(() => new Uint32Array(buckets));
    const places = axis === "icount" ? this.icounts : this.times;
    const scale = buckets / Math.max(until - from, Number.MIN_VALUE);
    for (let at = places.firstAtLeast(from); at < this.size; at += 1) {
      const place = places.at(at);
      if (place > until) break;
      const bucket = Math.min(buckets - 1, Math.floor((place - from) * scale));
      const own = counts[this.typeOf.at(at)];
      if (own !== undefined) own[bucket] = (own[bucket] ?? 0) + 1;
    }
    return counts;
  }
}

export const kindOf = (type: EventType): EventKind => (EVENTS[type].origin === "input" ? "input" : "predicted");

const tooMany = (): PageError =>
  new PageError(
    `the recording has more than ${String(MAX_PAGE_EVENTS)} events, and that is what a page holds: ask it with foldvm query`,
  );
