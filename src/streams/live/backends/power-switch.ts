/** The machine's power switch and its reset button in the hands of the host. */
import { EMPTY, map, merge, take, type Observable } from "rxjs";

import { check } from "../../../options/check.js";
import { exactly, maybe, observable } from "../../../options/codecs.js";
import type { MachineEvent } from "../../../reducers/events.js";
import type { HostCause } from "../../../reducers/power.js";
import type { Backend } from "../backend.js";

export interface PowerSwitchOptions {
  /** Switches the machine off, for good, at its first emission, which is the cause. */
  readonly off$?: Observable<HostCause>;
  /** Resets the machine at each emission: its state goes back to the start, its clocks and positions go on. */
  readonly reset$?: Observable<unknown>;
}

/** Both are events: a recording has their causes, and its replay repeats them at the same instruction. */
export const powerSwitch = (options: PowerSwitchOptions): Backend => {
  check("powerSwitch", exactly<PowerSwitchOptions>({ off$: maybe(observable), reset$: maybe(observable) }), options);
  const { off$ = EMPTY, reset$ = EMPTY } = options;
  return () =>
    merge(
      off$.pipe(
        take(1),
        map((cause): MachineEvent => ({ type: "machine/shutdown", cause, code: 0 })),
      ),
      reset$.pipe(map((): MachineEvent => ({ type: "machine/resetRequested", cause: "host-reset" }))),
    );
};
