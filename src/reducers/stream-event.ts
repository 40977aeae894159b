/** An event as who subscribes sees it: one flat object that says what, where and when, and that `type` narrows. */
import type { EventOf, EventType, Position, PositionedEvent } from "./events.js";

/** Where and when: `ns` is the virtual clock right after it, since the machine's start. */
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

/** As the log and the fold take it: the event, which has no moment, and its position. */
export const positionedOf = (event: StreamEvent | PositionedEvent): PositionedEvent => {
  if ("event" in event) return event;
  const { seq, icount, ns: _derived, ...alone } = event;
  return { seq, icount, event: alone };
};
