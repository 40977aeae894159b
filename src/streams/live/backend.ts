/**
 * What connects a device to the world: effects in, events out. A console or a disk is one thing, no source and sink.
 */
import type { Observable } from "rxjs";

import type { Effect } from "../../reducers/effect.js";
import type { MachineEvent } from "../../reducers/events.js";

/**
 * `taken$` emits each input right after its device took it: the very object that a backend emitted. An input that can't
 * go in yet waits. Whoever can bring more than its device takes offers one and waits for it, since only so many may
 * wait (see `InputQueue`).
 */
export interface Backend {
  (effects$: Observable<Effect>, taken$: Observable<MachineEvent>): Observable<MachineEvent>;
  /** What it answers of that which the guest waits for: see `answering`. */
  readonly answers?: readonly Effect["type"][];
}
