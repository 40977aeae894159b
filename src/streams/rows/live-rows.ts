/** The same rows of a machine that runs: who reads them changes neither the run nor its recording. */
import { Observable, Subject, tap, type MonoTypeOperatorFunction } from "rxjs";

import { check } from "../../options/check.js";
import { distance, exactly, having, maybe, oneOf } from "../../options/codecs.js";
import { aMachine } from "../../options/parts.js";
import type { Machine } from "../../machine/machine.js";
import type { Probing } from "../../machine/probing.js";
import { PrintedLines } from "../past/query/printed-lines.js";
import { positionedOf, type StreamEvent } from "../../reducers/stream-event.js";
import type { PositionedEvent } from "../../reducers/events.js";
import { pulled, type Demand } from "../time/pulled.js";
import { askLive } from "./live-questions.js";
import { QUESTIONS_BY_KIND, type QuestionsByKind } from "./questions-by-kind.js";
import { isWantedEvent, WANTED_EVENTS, type WantedEvents } from "./wanted-events.js";
import { positionedRow, type EventRow, type FoundRow, type StreamRow } from "./row.js";
import type { RowStream } from "./rows.js";
import { Pauses } from "./pauses.js";
import { withGaps } from "./with-gaps.js";

export interface LiveRowsOptions {
  /** Whether the events are among them, or which. Default: true. */
  readonly events?: WantedEvents | undefined;
  /**
   * What else: by the word that is to be its rows' `kind`, a question about the machine, or about what is recorded of
   * it. At one position, they come in the order in which it happened.
   */
  readonly questions?: QuestionsByKind | undefined;
  /** So many rows wait for who reads with `for await`. Default: 4096. */
  readonly highWaterMark?: number | undefined;
  /**
   * What then becomes of the next. "gap": the machine waits for nobody, the row is lost, and a row of kind `gap` says
   * how many are. "pause": the machine stands still until some are read. Default: "gap".
   */
  readonly whenFull?: "gap" | "pause" | undefined;
}

export const DEFAULT_HIGH_WATER_MARK = 4096;

export class LiveRows {
  private readonly events$ = new Subject<EventRow>();
  private readonly pauses: Pauses;
  /** Heard from the beginning on, for who comes in the middle of a line. */
  private readonly lines = new PrintedLines();
  private hasEnded = false;

  /** `probing`: of the same machine, where it can be asked more than what it printed. @throws {OptionError} */
  constructor(
    private readonly machine: Machine,
    private readonly probing?: Probing,
  ) {
    check("LiveRows", PARTS, { machine, probing });
    this.pauses = new Pauses(machine);
    machine.listen((effect) => {
      this.lines.heard(effect);
    });
  }

  /** The run is over: nothing more is told. */
  get isOver(): boolean {
    return this.hasEnded;
  }

  /** For `run`: the machine stands still while it is met. */
  get demand(): Demand {
    return this.pauses;
  }

  /** The machine's run passes through, each event right after its fold. */
  hear<Event extends PositionedEvent | StreamEvent>(): MonoTypeOperatorFunction<Event> {
    const { events$, machine } = this;
    const over = (tell: () => void): void => {
      this.hasEnded = true;
      tell();
    };
    return tap({
      next: (event) => {
        if (events$.observed) events$.next(positionedRow(positionedOf(event), machine.virtualNs, machine.hart));
      },
      complete: () => {
        over(() => {
          events$.complete();
        });
      },
      error: (fault: unknown) => {
        over(() => {
          events$.error(fault);
        });
      },
      unsubscribe: () => {
        over(() => {
          events$.complete();
        });
      },
    });
  }

  /**
   * From now on, until the run is over; fails as the run does. A line of `output` that has begun comes whole. Pushed as
   * they come, or read with `for await`. Each reader has its own, and ends them by leaving its loop.
   * @throws {OptionError}
   */
  rows(options: LiveRowsOptions = {}): RowStream {
    check("rows", OPTIONS, options);
    const { highWaterMark = DEFAULT_HIGH_WATER_MARK } = options;
    const read = pulled((demand) => this.rowsWhile(demand, options), { maxUnread: highWaterMark, beginsAtOnce: true });
    return Object.assign(this.pushed(options), { [Symbol.asyncIterator]: () => read[Symbol.asyncIterator]() });
  }

  /** The same, pushed to who says for himself when he has no room: while `demand` is met. @throws {OptionError} */
  rowsWhile(demand: Demand, options: Omit<LiveRowsOptions, "highWaterMark"> = {}): Observable<StreamRow> {
    const rows$ = this.pushed(options);
    return options.whenFull === "pause" ? this.pauses.pausing(rows$, demand) : withGaps(rows$, demand);
  }

  private pushed({ events = true, questions = {} }: LiveRowsOptions): Observable<StreamRow> {
    const { machine, probing } = this;
    return new Observable((subscriber) => {
      if (this.hasEnded) {
        subscriber.complete();
        return;
      }
      let toldSeq: number = machine.position.seq;
      // What an event causes comes before who runs the machine tells of the event.
      const early: FoundRow[] = [];
      const emit = (row: FoundRow): void => {
        if (row.seq > toldSeq) early.push(row);
        else subscriber.next(row);
      };
      const failed = (fault: unknown): void => {
        subscriber.error(fault);
      };
      const asked = askLive(questions, { machine, probing, begun: this.lines.begun, emit, failed });
      subscriber.add(() => {
        asked.leave();
      });
      const told$ = this.events$.subscribe({
        next: (event) => {
          toldSeq = event.seq;
          if (isWantedEvent(events, event.kind)) subscriber.next(event);
          for (const row of early.splice(0)) subscriber.next(row);
        },
        error: failed,
        complete: () => {
          toldSeq = Infinity;
          asked.end();
          subscriber.complete();
        },
      });
      subscriber.add(told$);
    });
  }
}

const PARTS = exactly<{ readonly machine: Machine; readonly probing: Probing | undefined }>({
  machine: aMachine,
  probing: maybe(having("a Probing", "told", "watcher")),
});

const OPTIONS = exactly<LiveRowsOptions>({
  events: maybe(WANTED_EVENTS),
  questions: maybe(QUESTIONS_BY_KIND),
  highWaterMark: maybe(distance),
  whenFull: maybe(oneOf("gap", "pause")),
});
