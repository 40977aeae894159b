/** What is typed at a session's standard input, and whether anybody still can. */
import { BehaviorSubject, combineLatest, distinctUntilChanged, map, tap, type Observable } from "rxjs";

import { stdioInput, type StdioInputActions } from "../host/terminal/stdio-input.js";
import type { Stdio } from "../host/stdio.js";
import type { HeldInput } from "../live/backends/typed-input.js";

export interface Typing {
  readonly typed$: HeldInput;
  /**
   * Whether nothing more can come: the input has ended, or the guest does not take what came before. A terminal is
   * never that silent: who sits at it may do something else.
   */
  readonly isSilent$: Observable<boolean>;
}

export function typing(stdio: Stdio, actions: Omit<StdioInputActions, "ended">): Typing {
  const isTerminal = stdio.stdin.isTTY === true;
  const hasEnded$ = new BehaviorSubject(false);
  const isHeld$ = new BehaviorSubject(false);
  const input = stdioInput(stdio, {
    ...actions,
    ended: () => {
      hasEnded$.next(true);
    },
  });
  return {
    typed$: (hasRoom$) =>
      input(
        hasRoom$.pipe(
          tap((hasRoom) => {
            isHeld$.next(!hasRoom && !isTerminal);
          }),
        ),
      ),
    isSilent$: combineLatest([hasEnded$, isHeld$]).pipe(
      map(([hasEnded, isHeld]) => hasEnded || isHeld),
      distinctUntilChanged(),
    ),
  };
}
