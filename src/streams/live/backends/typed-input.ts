/**
 * What is typed waits here for the guest: one event of it is offered at a time, and its source hears whether there is
 * room for more.
 */
import { BehaviorSubject, distinctUntilChanged, Observable, Subject, takeUntil } from "rxjs";

import type { MachineEvent } from "../../../reducers/events.js";

/** A source that reads while there is room, and leaves the rest where it is: in a pipe, a file, a socket. */
export type HeldInput = (hasRoom$: Observable<boolean>) => Observable<Uint8Array>;

/** Bytes that wait: from here on the source is asked to hold back, until the guest has taken most of them. */
const HIGH_WATER_BYTES = 1 << 16;
const LOW_WATER_BYTES = 1 << 14;
/** What a source may bring that does not hold back. */
const MAX_WAITING_BYTES = 1 << 24;

/** A source of bytes brings more than may wait. */
export class TypedInputError extends Error {
  override readonly name = "TypedInputError";
  readonly code = "TOO_MUCH_INPUT";
}

export interface OfferedAs {
  readonly maxBytes: number;
  readonly eventOf: (bytes: Uint8Array) => MachineEvent;
}

/** Fails with TypedInputError where the source goes on without room. */
export const typedInput = (
  source: Observable<Uint8Array> | HeldInput,
  taken$: Observable<MachineEvent>,
  { maxBytes, eventOf }: OfferedAs,
): Observable<MachineEvent> =>
  new Observable((subscriber) => {
    const waiting = new WaitingBytes();
    const hasRoom$ = new BehaviorSubject(true);
    let offered: MachineEvent | undefined;
    let hasCompleted = false;
    // Also for a source that emits without end while it is being subscribed to.
    const closed$ = new Subject<void>();
    subscriber.add(() => {
      closed$.next();
    });
    const goOn = (): void => {
      if (subscriber.closed) return;
      if (offered === undefined && waiting.byteLength > 0) {
        offered = eventOf(waiting.take(maxBytes));
        subscriber.next(offered);
      }
      if (hasCompleted && waiting.byteLength === 0) subscriber.complete();
      hasRoom$.next(waiting.byteLength < (hasRoom$.value ? HIGH_WATER_BYTES : LOW_WATER_BYTES));
    };
    subscriber.add(
      taken$.subscribe((event) => {
        if (event !== offered) return;
        offered = undefined;
        goOn();
      }),
    );
    const bytes$ = typeof source === "function" ? source(hasRoom$.pipe(distinctUntilChanged())) : source;
    bytes$.pipe(takeUntil(closed$)).subscribe({
      next: (bytes) => {
        if (waiting.byteLength + bytes.length > MAX_WAITING_BYTES) subscriber.error(tooMuch(waiting.byteLength));
        else waiting.push(bytes);
        goOn();
      },
      error: (fault: unknown) => {
        subscriber.error(fault);
      },
      complete: () => {
        hasCompleted = true;
        goOn();
      },
    });
  });

const tooMuch = (byteLength: number): TypedInputError =>
  new TypedInputError(
    `the guest has yet to take ${String(byteLength)} bytes that were typed at its console, and more come than may wait; ` +
      "give input$ as a function of hasRoom$, and hold back while there is no room",
  );

/** Bytes in the order in which they came; those taken make room for others. */
class WaitingBytes {
  private buffer = NOTHING;
  private start = 0;
  private end = 0;

  get byteLength(): number {
    return this.end - this.start;
  }

  /** Copied: whose they are may use the memory again. */
  push(bytes: Uint8Array): void {
    if (this.end + bytes.length > this.buffer.length) this.makeRoom(bytes.length);
    this.buffer.set(bytes, this.end);
    this.end += bytes.length;
  }

  take(maxBytes: number): Uint8Array {
    const taken = this.buffer.slice(this.start, Math.min(this.start + maxBytes, this.end));
    this.start += taken.length;
    return taken;
  }

  /** Each time at least as much as waits, so that a byte is moved twice at most. */
  private makeRoom(moreBytes: number): void {
    const waiting = this.buffer.subarray(this.start, this.end);
    this.buffer = new Uint8Array(2 * (waiting.length + moreBytes));
    this.buffer.set(waiting);
    this.start = 0;
    this.end = waiting.length;
  }
}

const NOTHING = new Uint8Array(0);
