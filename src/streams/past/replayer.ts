/** Replay: the log's events take the place of the backends', and nothing else changes. */
import { defer, type Observable } from "rxjs";

import { Divergence } from "../../machine/divergence.js";
import { fold } from "../../machine/fold.js";
import type { Machine } from "../../machine/machine.js";
import type { Until } from "./until.js";
import type { PositionedEvent } from "../../reducers/events.js";
import type { Position } from "../../reducers/position.js";
import type { Control } from "../time/control.js";
import type { Demand } from "../time/pulled.js";
import { hostTime } from "../time/host-time.js";
import { pacedSteps, type ReplayOptions } from "./paced-steps.js";
import { STOPPED, type Log, type LogEnd, type SnapshotDescription } from "../store/log/index.js";
import type { StateKeeper } from "../store/state-keeper.js";
import { hexAddress } from "../../reducers/hex.js";

/** A place that the recording does not have. */
export class PositionError extends Error {
  override readonly name = "PositionError";
  readonly code = "NO_SUCH_POSITION";
}

/**
 * Runs the machine along the log, to its end or `until`. @throws {Divergence} @throws {PositionError} @throws
 * {LogError}
 */
export function replay(machine: Machine, log: Log, until?: Until, keeper?: StateKeeper): void {
  for (const _ of replaySteps(machine, log, until, { keeper })) {
    // All is done by the steps.
  }
}

/** The same as a stream: emits each event after its fold, and lets the host have its turn now and then. */
export const replay$ = (
  machine: Machine,
  log: Log,
  until?: Until,
  {
    time = hostTime,
    control,
    demand,
    keeper,
  }: ReplayOptions & { readonly demand?: Demand | undefined; readonly keeper?: StateKeeper } = {},
): Observable<PositionedEvent> =>
  defer(() => pacedSteps(replaySteps(machine, log, until, { control, keeper }), { time, control, demand }, machine));

/** The longest stretch between two steps: some milliseconds, so that who waits for the host's turn does not notice. */
const STEP_INSNS = 500_000;

/** One step an event, and one a long stretch of instructions: then there is no event. */
export function* replaySteps(
  machine: Machine,
  log: Log,
  until: Until | undefined,
  { control, keeper }: { readonly control?: Control | undefined; readonly keeper?: StateKeeper | undefined } = {},
): Generator<PositionedEvent | undefined, void> {
  const { seq: untilSeq = Infinity, icount: untilIcount = Infinity } =
    typeof until === "number" ? { icount: until } : (until ?? {});
  const bySeq = untilSeq !== Infinity;
  checkInside(log, untilSeq, untilIcount);
  checkAhead(machine.position, untilSeq, untilIcount);
  const snapshots = new SnapshotsAhead(log.snapshots);
  const last = lastIcount(log);
  const goalIcount = Math.min(untilIcount, last);
  const way = new Way(machine, keeper, goalIcount, control);
  for (const event of log.events({ fromSeq: machine.position.seq + 1 })) {
    if (event.seq > untilSeq || (!bySeq && event.icount >= untilIcount)) {
      if (bySeq) checkBetween(machine.position, untilIcount, event.icount);
      if (untilIcount !== Infinity) yield* way.to(untilIcount);
      return;
    }
    yield* passSnapshots(machine, snapshots, event.icount, way);
    yield* way.passStates(event.icount);
    if (control !== undefined || isFar(machine, event.icount)) yield* approach(machine, event.icount, control);
    fold(machine, event);
    yield event;
  }
  const { end } = log;
  if (bySeq) checkBetween(machine.position, untilIcount, last);
  if (bySeq && untilIcount === Infinity) return;
  yield* passSnapshots(machine, snapshots, goalIcount, way);
  yield* way.to(goalIcount);
  if (end !== undefined && untilIcount === Infinity) verifyEnd(machine, end);
}

/** @throws {PositionError} where a recording begins behind a place, or ends before it */
export function requireInside(log: Log, until: Until): void {
  const { seq = Infinity, icount = Infinity } = typeof until === "number" ? { icount: until } : until;
  checkInside(log, seq, icount);
}

/** Before anything runs: where the recording ends is known. */
function checkInside(log: Log, untilSeq: number, untilIcount: number): void {
  const { start } = log;
  if (untilSeq < start.seq || untilIcount < start.icount) {
    throw beyond(`the recording begins at icount ${String(start.icount)}, after event ${String(start.seq)}`);
  }
  for (const [name, value] of Object.entries({ seq: untilSeq, icount: untilIcount })) {
    if (value !== Infinity && !(Number.isSafeInteger(value) && value >= 0)) {
      throw beyond(`${name} ${String(value)} is no position: both parts are counted from 0`);
    }
  }
  const { lastSeq } = log;
  if (untilSeq !== Infinity && untilSeq > lastSeq) {
    throw beyond(`the recording ends with seq ${String(lastSeq)}; there is no seq ${String(untilSeq)}`);
  }
  const last = lastIcount(log);
  if (untilIcount !== Infinity && untilIcount > last) {
    throw beyond(`the recording ends at icount ${String(last)}; there is no icount ${String(untilIcount)}`);
  }
}

/** A replay goes forward only; `Recording.at` begins anew where it has to. */
function checkAhead({ seq, icount }: Position, untilSeq: number, untilIcount: number): void {
  if (untilSeq < seq) throw beyond(`seq ${String(untilSeq)} lies before the machine's, ${String(seq)}`);
  if (untilIcount < icount) throw beyond(`icount ${String(untilIcount)} lies before the machine's, ${String(icount)}`);
}

/** A seq and an icount make a position only where the icount lies between that event and the next. */
function checkBetween({ seq, icount }: Position, untilIcount: number, nextIcount: number): void {
  if (untilIcount === Infinity || (untilIcount >= icount && untilIcount <= nextIcount)) return;
  throw beyond(
    `there is no icount ${String(untilIcount)} after event ${String(seq)}: that one stands at ${String(icount)}, ` +
      `what follows at ${String(nextIcount)}`,
  );
}

const lastIcount = ({ end, lastIcount: ofEvents }: Log): number => end?.icount ?? ofEvents;

const isFar = ({ position }: Machine, icount: number): boolean => position.icount + STEP_INSNS < icount;

/** With a control, all the way: it can hold at any instruction. Each step ends where the machine stands. */
function* approach(machine: Machine, icount: number, control?: Control): Generator<undefined> {
  for (;;) {
    const { icount: before } = machine.position;
    if (before >= icount || (control === undefined && !isFar(machine, icount))) return;
    const target = Math.min(before + STEP_INSNS, icount, control?.limitIcount ?? Infinity);
    const stop = machine.run(target);
    // An event is due, or missing: the fold of the next one says so.
    if (machine.position.icount !== target && stop !== "brokenOff") return;
    yield undefined;
  }
}

function* runTo(machine: Machine, target: number, control?: Control): Generator<undefined> {
  yield* approach(machine, target, control);
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

/** How a replay gets from event to event, and leaves states. */
class Way {
  private keepIcount = 0;

  constructor(
    private readonly machine: Machine,
    private readonly keeper: StateKeeper | undefined,
    private readonly goalIcount: number,
    private readonly control: Control | undefined,
  ) {}

  *to(icount: number): Generator<undefined> {
    yield* this.passStates(icount);
    yield* runTo(this.machine, icount, this.control);
  }

  /** A state is taken where no event stands: there an instruction may be under way. */
  *passStates(nextIcount: number): Generator<undefined> {
    const { machine, keeper, goalIcount, control } = this;
    if (keeper === undefined) return;
    for (;;) {
      if (this.keepIcount <= machine.position.icount) this.keepIcount = keeper.nextIcount(machine.position, goalIcount);
      if (this.keepIcount >= nextIcount) return;
      yield* runTo(machine, this.keepIcount, control);
      keeper.keep(machine.state());
      // They may lie closer to each other than a stretch is long.
      yield undefined;
    }
  }
}

/** The snapshots that are yet to come, by position. */
class SnapshotsAhead {
  private at = 0;

  constructor(private readonly snapshots: readonly SnapshotDescription[]) {}

  /** The next one after the machine's event, up to an icount; each once. */
  next({ seq, icount }: Position, untilIcount: number): SnapshotDescription | undefined {
    const { snapshots } = this;
    for (let ahead = snapshots[this.at]; ahead !== undefined; ahead = snapshots[this.at]) {
      if (ahead.seq > seq || (ahead.seq === seq && ahead.icount > untilIcount)) return undefined;
      this.at += 1;
      if (ahead.seq === seq && ahead.icount >= icount) return ahead;
    }
    return undefined;
  }
}

/** The snapshots between here and the next event must be states that this run goes through. */
function* passSnapshots(
  machine: Machine,
  snapshots: SnapshotsAhead,
  nextIcount: number,
  way: Way,
): Generator<undefined> {
  for (
    let snapshot = snapshots.next(machine.position, nextIcount);
    snapshot !== undefined;
    snapshot = snapshots.next(machine.position, nextIcount)
  ) {
    const { name, icount, hash } = snapshot;
    yield* way.to(icount);
    const actual = machine.hash();
    if (actual === hash) continue;
    throw new Divergence(machine.position, {
      field: `hash of snapshot ${name}`,
      expected: hexAddress(hash, 16),
      actual: hexAddress(actual, 16),
    });
  }
}

function verifyEnd(machine: Machine, { hash, cause }: LogEnd): void {
  const actual = machine.hash();
  if (actual !== hash)
    throw new Divergence(machine.position, {
      field: "hash",
      expected: hexAddress(hash, 16),
      actual: hexAddress(actual, 16),
    });
  const ended = machine.ended?.cause ?? STOPPED;
  if (ended !== cause) throw new Divergence(machine.position, { field: "cause", expected: cause, actual: ended });
}

const beyond = (message: string): PositionError => new PositionError(message);
