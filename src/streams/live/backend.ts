/** What connects a device to the world: effects in, events out. A console or a disk is one thing, no source and sink. */
import type { Observable } from "rxjs";

import type { Effect } from "../../reducers/device.js";
import type { MachineEvent } from "../../reducers/events.js";

export type Backend = (effects$: Observable<Effect>) => Observable<MachineEvent>;
