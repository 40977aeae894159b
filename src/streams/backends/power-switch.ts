/** The machine's power switch in the hands of the host. */
import { map, take, type Observable } from "rxjs";

import type { MachineEvent } from "../../reducers/events.js";
import type { Backend } from "../backend.js";

/** Switches the machine off at the first emission: the recording then ends with a shutdown whose cause is the host. */
export const powerSwitch =
  (off$: Observable<unknown>): Backend =>
  () =>
    off$.pipe(
      take(1),
      map((): MachineEvent => ({ type: "machine/shutdown", cause: "host", code: 0 })),
    );
