/**
 * A question about the past of a recording, asked when its answer is read, and anew each time: pushed as an Observable,
 * pulled with `for await`, or at once as an array. The last row is found from the end.
 */
import { Observable } from "rxjs";

import type { MachineState } from "../../../machine/state.js";
import { hostTime } from "../../time/host-time.js";
import { pulled, type Demand } from "../../time/pulled.js";
import type { Recording } from "../recording.js";
import type { Until } from "../until.js";
import { probedRows } from "./probed-replay.js";
import type { Question } from "./question.js";

/** The part of a recording that is asked about. */
export interface Range {
  /** The beginning where it is left out. */
  readonly from?: Until | undefined;
  /** Up to there; the end where it is left out. */
  readonly until?: Until | undefined;
}

/** What an answer costs, before it is asked for. */
export interface Explanation {
  /** Between states that are there. */
  readonly segments: number;
  /** Of those, that need not be run because the states around them tell that nothing is in them. */
  readonly skipped: number;
  /** To run. */
  readonly instructions: number;
}

interface Segment {
  readonly before: MachineState;
  readonly after: MachineState;
}

const TURN_MS = 50;

export class Query<Row> extends Observable<Row> implements AsyncIterable<Row> {
  constructor(
    private readonly recording: Recording,
    /** Called when an answer is read. */
    private readonly ask: () => Question<Row>,
    private readonly range: Range = {},
  ) {
    super((subscriber) => pushed(() => this.forward(), subscriber));
  }

  [Symbol.asyncIterator](): AsyncIterator<Row> {
    const open = (demand: Demand): Observable<Row> =>
      new Observable((subscriber) => pushed(() => this.forward(), subscriber, demand));
    return pulled(open)[Symbol.asyncIterator]();
  }

  /** All rows. @throws {Divergence} @throws {PositionError} */
  toArray(): readonly Row[] {
    return [...this.forward()].flat();
  }

  /** Replays up to the first row. Undefined: there is none. */
  first(): Row | undefined {
    for (const [row] of this.forward()) if (row !== undefined) return row;
    return undefined;
  }

  /** Goes back from the end, segment by segment, and runs those that the states do not rule out. */
  last(): Row | undefined {
    const question = this.ask();
    if (question.needsAll === true) return this.lastOfAll();
    for (const { before, after } of this.segments().reverse()) {
      if (question.rulesOut?.(before, after) === true) continue;
      let last: Row | undefined;
      for (const rows of probedRows(this.recording, question, before, after.position)) last = rows.at(-1) ?? last;
      if (last !== undefined) return last;
    }
    return undefined;
  }

  /** What reading it all would cost now. */
  explain(): Explanation {
    const question = this.ask();
    const segments = this.segments();
    const needed = segments.filter(({ before, after }) => question.rulesOut?.(before, after) !== true);
    const insnsOf = ({ before, after }: Segment): number => after.position.icount - before.position.icount;
    return {
      segments: segments.length,
      skipped: segments.length - needed.length,
      instructions: needed.reduce((sum, segment) => sum + insnsOf(segment), 0),
    };
  }

  private lastOfAll(): Row | undefined {
    let last: Row | undefined;
    for (const rows of this.forward()) last = rows.at(-1) ?? last;
    return last;
  }

  private *forward(): Generator<readonly Row[], void> {
    const { from, until } = this.range;
    const question = this.ask();
    const start = from === undefined ? this.recording.at(this.recording.log.start) : this.recording.at(from);
    yield* probedRows(this.recording, question, start, until);
  }

  /** What there is of states in the range, with its two ends. */
  private segments(): Segment[] {
    const { recording } = this;
    const { from = recording.log.start, until } = this.range;
    const [first, last] = [recording.at(from), recording.at(until)];
    const states = recording.kept.wholeStates.filter(
      ({ position }) => isBefore(first.position, position) && isBefore(position, last.position),
    );
    const bounds = [first, ...states, last];
    return bounds.slice(1).flatMap((after, index) => {
      const before = bounds[index];
      return before === undefined ? [] : [{ before, after }];
    });
  }
}

const isBefore = (a: MachineState["position"], b: MachineState["position"]): boolean =>
  a.icount < b.icount || (a.icount === b.icount && a.seq < b.seq);

/** Lets the host have its turns, and waits where nobody reads. */
function pushed<Row>(
  open: () => Generator<readonly Row[], void>,
  subscriber: { readonly closed: boolean; next(row: Row): void; error(fault: unknown): void; complete(): void },
  demand?: Demand,
): () => void {
  const steps = open();
  let isWorking = false;
  let turn = { unsubscribe: (): void => undefined };
  let unread: readonly Row[] = [];
  let at = 0;
  const work = (): void => {
    if (isWorking) return;
    isWorking = true;
    const untilMs = hostTime.monotonicMs() + TURN_MS;
    try {
      for (;;) {
        for (; at < unread.length && !subscriber.closed; at += 1) {
          if (demand?.isMet === true) return;
          subscriber.next(unread[at] as Row);
        }
        if (subscriber.closed) return;
        if (hostTime.monotonicMs() > untilMs) {
          turn = hostTime.nextTurn.subscribe({ next: work });
          return;
        }
        const { done, value } = steps.next();
        if (done === true) {
          subscriber.complete();
          return;
        }
        unread = value;
        at = 0;
      }
    } catch (fault) {
      subscriber.error(fault);
    } finally {
      isWorking = false;
    }
  };
  const changes = demand?.changed$.subscribe(work);
  work();
  return () => {
    turn.unsubscribe();
    changes?.unsubscribe();
    steps.return();
  };
}
