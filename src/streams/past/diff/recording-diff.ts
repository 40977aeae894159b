/** The answer about two recordings: what differs before they run, the first event, and where the guests part. */
import type { Names } from "../names/names.js";
import type { PlainPosition } from "../../../reducers/position.js";
import type { Progress } from "../query/progress.js";
import type { Recording } from "../recording.js";
import { describedParting, MAX_SEEN_ROWS, partingLines, type Pair, type Parting } from "./described-parting.js";
import { differenceLines, type Difference } from "./difference.js";
import { endingsOf, type Ending, type Endings } from "./endings.js";
import { eventText, firstDifferentEvent, isPredicted, type EventPair } from "./events.js";
import { headerDifferences } from "./headers.js";
import type { Ignored } from "./ignored.js";
import { MemoryNames } from "./memory-names.js";
import { Search } from "./parting.js";
import { SideMaker } from "./side.js";
import { counted, printed } from "./text.js";
import { Walker } from "./walker.js";

export interface RecordingScope {
  readonly ignored: Ignored;
  readonly names: Names;
  readonly namesOfB: Names;
  readonly progress: Progress | undefined;
}

/** Lines of a text about one parting. */
const SHOWN_PLACES = 12;

export class RecordingDiff implements Iterable<Parting> {
  /** Machine, images, start: told without running anything. */
  readonly header: readonly Difference[];
  private found: { readonly parting: Parting | undefined } | undefined;
  private compared: { readonly event: EventPair | undefined } | undefined;

  constructor(
    private readonly a: Recording,
    private readonly b: Recording,
    private readonly scope: RecordingScope,
  ) {
    this.header = headerDifferences(a, b).filter((row) => !scope.ignored.has(row));
    printed(this);
  }

  /** The first event that only one of them has, or that differs; undefined: all are the same. */
  get event(): EventPair | undefined {
    const { ignored } = this.scope;
    return (this.compared ??= {
      event: firstDifferentEvent(this.a, this.b, { isLeftOut: ({ type }) => ignored.hasEvent(type) }),
    }).event;
  }

  /** How they end, where that differs. */
  get endings(): Endings | undefined {
    return endingsOf(this.a, this.b);
  }

  /** Where the guests part first; undefined: nowhere, as far as both go. @throws {Divergence} @throws {ImageError} */
  get parting(): Parting | undefined {
    if (this.found === undefined) {
      const [parting] = this;
      this.found = { parting };
    }
    return this.found.parting;
  }

  /** `parting`, a stretch at a time: tells up to where they were compared. It is known then. */
  *stepsToParting(): Generator<PlainPosition, Parting | undefined> {
    if (this.found !== undefined) return this.found.parting;
    for (const told of this.search()) {
      if (isParting(told)) {
        this.found = { parting: told };
        return told;
      }
      yield told;
    }
    this.found = { parting: undefined };
    return undefined;
  }

  /** Nothing is left that differs. */
  get isSame(): boolean {
    return (
      this.header.length === 0 && this.event === undefined && this.endings === undefined && this.parting === undefined
    );
  }

  /**
   * Where the guests part, and part again: each next one is a difference in places that did not differ before. Found as
   * it is read. Throws as `parting`.
   */
  *[Symbol.iterator](): Generator<Parting, void> {
    for (const told of this.search()) {
      if (isParting(told)) yield told;
      else this.scope.progress?.(told);
    }
  }

  /** Between two partings it tells how far it is. */
  private *search(): Generator<PlainPosition | Parting, void> {
    const walkers = [new Walker(this.a), new Walker(this.b)] as const;
    const search = new Search(...walkers);
    const startIcount = Math.max(this.a.log.start.icount, this.b.log.start.icount);
    const sides = [new SideMaker(this.scope.names), new SideMaker(this.scope.namesOfB)] as const;
    const pair: Pair = { walkers, search, startIcount, sides };
    const names = new MemoryNames(this.scope.names);
    let { ignored } = this.scope;
    let from = this.firstIcount(startIcount);
    while (from !== undefined && from <= search.endIcount) {
      const found = yield* search.next(from, { ignored, names });
      if (found === undefined) return;
      const { parting, rows } = describedParting(found, pair, { ignored, names });
      yield parting;
      if (rows.length > MAX_SEEN_ROWS) return;
      ignored = ignored.with(rows);
      from = found.icount;
    }
  }

  get text(): string {
    return this.textOf(1);
  }

  /** With so many partings at most. */
  textOf(partings: number): string {
    const lines = [...this.headerLines(), ...this.eventLines()];
    let told = 0;
    for (const parting of partings === 1 ? [this.parting] : this) {
      if (parting === undefined) break;
      lines.push(...partingLines(parting), ...this.placeLines(parting));
      told += 1;
      if (told >= partings) break;
    }
    if (told === 0 && lines.length > 0) lines.push("the guests do not part");
    const { endings } = this;
    if (endings !== undefined) lines.push(`a ends at ${endingText(endings.a)}`, `b ends at ${endingText(endings.b)}`);
    if (lines.length > 0) return lines.join("\n");
    const { lastSeq, end, lastIcount } = this.a.log;
    return `the recordings are the same: ${counted(end?.icount ?? lastIcount)} instructions, ${counted(lastSeq)} events`;
  }

  toString(): string {
    return this.text;
  }

  toJSON(): object {
    const { isSame, header, event, parting, endings } = this;
    return { isSame, header, event, parting, endings };
  }

  /** Up to there nothing needs to be run: what begins alike and gets the same is the same. */
  private firstIcount(startIcount: number): number | undefined {
    if (headerDifferences(this.a, this.b).length > 0) return startIcount;
    const pair = firstDifferentEvent(this.a, this.b, { isLeftOut: isPredicted });
    return pair === undefined ? undefined : Math.min(pair.a?.icount ?? Infinity, pair.b?.icount ?? Infinity);
  }

  private headerLines(): readonly string[] {
    return differenceLines(this.header);
  }

  private eventLines(): readonly string[] {
    const { event } = this;
    if (event === undefined) return [];
    const shown = (side: EventPair["a"]): string => (side === undefined ? "no more" : eventText(side));
    return ["the first event that differs", `  a: ${shown(event.a)}`, `  b: ${shown(event.b)}`];
  }

  private placeLines({ differences, more }: Parting): readonly string[] {
    const shown = differences.slice(0, SHOWN_PLACES);
    const rest = differences.length - shown.length + more;
    const lines = differenceLines(shown, new MemoryNames(this.scope.names)).map((line) => `    ${line}`);
    return rest === 0 ? lines : [...lines, `    and ${rest > MAX_SEEN_ROWS ? "more than " : ""}${counted(rest)} more`];
  }
}

const isParting = (told: PlainPosition | Parting): told is Parting => "by" in told;

const endingText = ({ icount, events, cause }: Ending): string =>
  `instruction ${counted(icount)}, event ${counted(events)}: ${cause ?? "cut off"}`;
