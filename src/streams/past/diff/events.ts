/** In which event two recordings differ first. */
import type { StreamEvent } from "../../../reducers/stream-event.js";
import { rowOf } from "../../../reducers/events.js";
import type { Recording } from "../recording.js";
import { plain, shownValue, type PlainValue } from "./difference.js";

/** Each side's; undefined: it has no more. */
export interface EventPair {
  readonly a: StreamEvent | undefined;
  readonly b: StreamEvent | undefined;
}

export interface EventRange {
  /** Of the last event that is not looked at, on each side. */
  readonly a: number;
  readonly b: number;
}

/** Seq and time follow from what came before. Hashes are taken where the recorder wants, and change nothing. */
export function firstDifferentEvent(
  a: Recording,
  b: Recording,
  {
    after = commonStart(a, b),
    isLeftOut,
  }: { readonly after?: EventRange; readonly isLeftOut: (event: StreamEvent) => boolean },
): EventPair | undefined {
  const [inA, inB] = [wanted(a.eventsFrom(after.a + 1), isLeftOut), wanted(b.eventsFrom(after.b + 1), isLeftOut)];
  for (;;) {
    const pair = { a: inA.next().value as StreamEvent | undefined, b: inB.next().value as StreamEvent | undefined };
    if (pair.a === undefined && pair.b === undefined) return undefined;
    if (pair.a === undefined || pair.b === undefined || !isSameEvent(pair.a, pair.b)) return pair;
  }
}

/** A branch's log begins where it was forked, and counts on from there. */
const commonStart = (a: Recording, b: Recording): EventRange => {
  const seq = Math.max(a.log.start.seq, b.log.start.seq);
  return { a: seq, b: seq };
};

export const isCheckpoint = ({ type }: StreamEvent): boolean => type === "checkpoint/hashed";

/** What the machine computes by itself, too. */
export const isPredicted = ({ type }: StreamEvent): boolean => rowOf(type).origin === "predicted";

export const eventText = (event: StreamEvent): string => {
  const { seq, icount, ns, type } = event;
  const members = Object.entries(payloadOf(event)).map(([name, value]) => `${name}=${textOf(value)}`);
  const seconds = `${(Number(ns) / 1e9).toFixed(6)} s`;
  return [`seq ${String(seq)} at ${String(icount)}, ${seconds}: ${type}`, ...members].join(" ");
};

const textOf = (value: PlainValue): string => (typeof value === "bigint" ? value.toString() : shownValue(value));

/** Its own members, as plain data. */
const payloadOf = (event: StreamEvent): Readonly<Record<string, PlainValue>> =>
  Object.fromEntries(
    Object.keys(rowOf(event.type).payload).map((name) => [name, plain(event[name as keyof StreamEvent])]),
  );

function* wanted(
  events: Generator<StreamEvent, void>,
  isLeftOut: (event: StreamEvent) => boolean,
): Generator<StreamEvent, void> {
  for (const event of events) if (!isCheckpoint(event) && !isLeftOut(event)) yield event;
}

const isSameEvent = (a: StreamEvent, b: StreamEvent): boolean =>
  a.icount === b.icount &&
  a.type === b.type &&
  Object.keys(rowOf(a.type).payload).every((name) =>
    isSame(a[name as keyof StreamEvent], b[name as keyof StreamEvent]),
  );

const isSame = (a: unknown, b: unknown): boolean =>
  a instanceof Uint8Array && b instanceof Uint8Array
    ? a.length === b.length && a.every((byte, index) => byte === b[index])
    : Object.is(a, b);
