/** An event as a subscriber sees it: one flat object, narrowed by `type`, that says what happened, where and when. */
import type { EventOf, EventType, Position, PositionedEvent } from "./events.js";

/** A position and its time. `ns` is the virtual clock right after the event, in ns since the machine's start. */
export interface Moment extends Position {
  readonly ns: bigint;
}

/** An event with its moment: `{ seq, icount, ns, type, ...payload }`. */
export type StreamEvent<T extends EventType = EventType> = { readonly [K in T]: Moment & EventOf<K> }[T];

/** `virtualNs`: the virtual clock right after the event. */
export const streamEventOf = ({ seq, icount, event }: PositionedEvent, virtualNs: bigint): StreamEvent => ({
  seq,
  icount,
  ns: virtualNs,
  ...event,
});

/** The event and its position, as the log and the fold take them. The time is dropped. */
export const positionedOf = (event: StreamEvent | PositionedEvent): PositionedEvent => {
  if ("event" in event) return event;
  const { seq, icount, ns: _derived, ...alone } = event;
  return { seq, icount, event: alone };
};
