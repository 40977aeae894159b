/** An event as a subscriber sees it: one flat object, narrowed by `type`, that says what happened, where and when. */
import { rowOf, type EventOf, type EventType, type MachineEvent, type PositionedEvent } from "./events.js";
import type { PlainPosition, Position, VirtualNs } from "./position.js";

/** A position and its time. `ns` is the virtual clock right after the event, in ns since the machine's start. */
export interface Instant extends Position {
  readonly ns: VirtualNs;
}

/** An event with its moment: `{ seq, icount, ns, type, ...payload }`. */
export type StreamEvent<T extends EventType = EventType> = { readonly [K in T]: Instant & EventOf<K> }[T];

/**
 * An event as a program writes it, in plain numbers: `{ seq, icount, type, ...payload }` or `{ seq, icount, event }`.
 * Whoever takes one checks it.
 */
export type GivenEvent = GivenPositioned | (PlainPosition & { readonly ns?: bigint } & MachineEvent);

export interface GivenPositioned extends PlainPosition {
  readonly event: MachineEvent;
}

/** `virtualNs`: the virtual clock right after the event. */
export const streamEventOf = ({ seq, icount, event }: PositionedEvent, virtualNs: VirtualNs): StreamEvent =>
  withPayload({ seq, icount, ns: virtualNs, type: event.type }, event) as unknown as StreamEvent;

/** The event and its position, as the log and the fold take them. The time is dropped. */
export function positionedOf(event: StreamEvent | PositionedEvent): PositionedEvent;
export function positionedOf(event: GivenEvent): GivenPositioned;
export function positionedOf(event: GivenEvent): GivenPositioned {
  if ("event" in event) return event;
  const { seq, icount, type } = event;
  return { seq, icount, event: withPayload({ type }, event) as unknown as MachineEvent };
}

/** Field by field: a spread takes three times as long, and a storm of timers makes 100,000 of these. */
const withPayload = (row: Record<string, unknown>, event: MachineEvent): Record<string, unknown> => {
  const { payload } = rowOf(event.type);
  for (const field in payload) row[field] = event[field as keyof MachineEvent];
  return row;
};
