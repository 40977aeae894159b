/** Replay: the log's events take the place of the backends', and nothing else changes. */
import { defer, Observable } from "rxjs";

import { Divergence } from "../machine/divergence.js";
import { fold } from "../machine/fold.js";
import type { Machine } from "../machine/machine.js";
import type { PositionedEvent } from "../reducers/events.js";
import { hostTime, type HostTime } from "./host-time.js";
import type { Log } from "./log/index.js";

/**
 * Where to stop: an icount (before the events that stand there), a seq (after that event), or both: after that event,
 * run on to the icount.
 */
export type Until = number | { readonly seq?: number; readonly icount?: number };

/** A place that the recording does not have. */
export class PositionError extends Error {
  override readonly name = "PositionError";
  readonly code = "NO_SUCH_POSITION";
}

/** Runs the machine along the log, to its end or `until`. @throws {Divergence} @throws {PositionError} @throws {LogError} */
export function replay(machine: Machine, log: Log, until?: Until): void {
  for (const _ of replaySteps(machine, log, until)) {
    // All is done by the steps.
  }
}

/** The same as a stream: emits each event after its fold, and lets the host have its turn now and then. */
export const replay$ = (
  machine: Machine,
  log: Log,
  until?: Until,
  time: HostTime = hostTime,
): Observable<PositionedEvent> => defer(() => paced(replaySteps(machine, log, until), time));

/** The longest stretch between two steps, so that progress shows. */
const STEP_INSNS = 4_000_000;
const TURN_MS = 50;

/** One step an event, and one a long stretch of instructions: then there is no event. */
function* replaySteps(machine: Machine, log: Log, until: Until | undefined): Generator<PositionedEvent | undefined> {
  const { seq: untilSeq = Infinity, icount: untilIcount = Infinity } =
    typeof until === "number" ? { icount: until } : (until ?? {});
  const bySeq = untilSeq !== Infinity;
  if (bySeq && untilSeq < machine.position.seq) throw beyond(`seq ${String(untilSeq)} lies before the machine's`);
  for (const event of log.events({ fromSeq: machine.position.seq + 1 })) {
    if (event.seq > untilSeq || (!bySeq && event.icount >= untilIcount)) {
      yield* runTo(
        machine,
        Math.min(untilIcount, bySeq ? event.icount : Infinity),
        bySeq ? machine.position.icount : 0,
      );
      return;
    }
    yield* approach(machine, event.icount);
    fold(machine, event);
    yield event;
  }
  const { end } = log;
  if (bySeq && machine.position.seq < untilSeq) {
    throw beyond(`the recording ends with seq ${String(machine.position.seq)}; there is no seq ${String(untilSeq)}`);
  }
  const last = end?.icount ?? machine.position.icount;
  if (untilIcount !== Infinity && untilIcount > last) {
    throw beyond(`the recording ends at icount ${String(last)}; there is no icount ${String(untilIcount)}`);
  }
  if (bySeq && untilIcount === Infinity) return;
  yield* runTo(machine, Math.min(untilIcount, last), 0);
  if (end !== undefined && untilIcount === Infinity) verifyEnd(machine, end.hash);
}

function* approach(machine: Machine, icount: number): Generator<undefined> {
  while (machine.position.icount + STEP_INSNS < icount) {
    const before = machine.position.icount;
    machine.run(before + STEP_INSNS);
    // An event is due, or missing: the fold of the next one says so.
    if (machine.position.icount !== before + STEP_INSNS) return;
    yield undefined;
  }
}

function* runTo(machine: Machine, icount: number, atLeast: number): Generator<undefined> {
  const target = icount === Infinity ? atLeast : Math.max(icount, atLeast);
  yield* approach(machine, target);
  const stop = machine.run(target);
  const { position } = machine;
  if (position.icount < target) {
    throw new Divergence(
      { seq: position.seq + 1, icount: position.icount },
      {
        field: "icount",
        expected: `no event before icount ${String(target)}`,
        actual: `a machine that stops (${stop})`,
      },
    );
  }
}

function verifyEnd(machine: Machine, expected: bigint): void {
  const hash = machine.hash();
  if (hash === expected) return;
  throw new Divergence(machine.position, {
    field: "hash",
    expected: `0x${expected.toString(16)}`,
    actual: `0x${hash.toString(16)}`,
  });
}

const beyond = (message: string): PositionError => new PositionError(message);

const paced = (steps: Generator<PositionedEvent | undefined>, time: HostTime): Observable<PositionedEvent> =>
  new Observable<PositionedEvent>((subscriber) => {
    let turn: { unsubscribe(): void } | undefined;
    const work = (): void => {
      const until = time.monotonicMs() + TURN_MS;
      try {
        while (!subscriber.closed) {
          const step = steps.next();
          if (step.done === true) {
            subscriber.complete();
            return;
          }
          if (step.value !== undefined) subscriber.next(step.value);
          if (time.monotonicMs() > until) {
            turn = time.nextTurn.subscribe({ next: work });
            return;
          }
        }
      } catch (fault) {
        subscriber.error(fault);
      }
    };
    work();
    return () => {
      turn?.unsubscribe();
      steps.return(undefined);
    };
  });
