/** The buttons of a session's machine: whoever finds first that it is to end says why. */
import { ReplaySubject, Subject } from "rxjs";

import type { HostCause } from "../../reducers/power.js";
import { powerSwitch } from "../live/backends/power-switch.js";
import { hostCauseOf, type SessionCause } from "./session-end.js";

export class Buttons {
  // Also for what happens before somebody listens.
  private readonly off$ = new ReplaySubject<HostCause>(1);
  private readonly reset$ = new Subject<void>();
  /** Of the first that switched it off. */
  cause: SessionCause | undefined;

  readonly backend = powerSwitch({ off$: this.off$, reset$: this.reset$ });

  readonly switchOff = (cause: SessionCause): void => {
    this.cause ??= cause;
    this.off$.next(hostCauseOf(cause));
  };

  readonly quit = (): void => {
    this.switchOff("quit");
  };

  readonly reset = (): void => {
    this.reset$.next();
  };
}
