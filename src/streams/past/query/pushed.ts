/** Rows that are made a few at a time, pushed to a subscriber. The host has its turns meanwhile. */
import { hostTime } from "../../time/host-time.js";
import type { Demand } from "../../time/pulled.js";

const TURN_MS = 50;

interface RowSubscriber<Row> {
  readonly closed: boolean;
  next(row: Row): void;
  error(fault: unknown): void;
  complete(): void;
}

/** Waits where nobody reads. Answers what ends it. */
export function pushed<Row>(
  steps: Generator<readonly Row[], void>,
  subscriber: RowSubscriber<Row>,
  demand?: Demand,
): () => void {
  let isWorking = false;
  let isHostsTurn = false;
  // A reader that asks at once for more calls back within the turn, so its time goes on from call to call.
  let untilMs = hostTime.monotonicMs() + TURN_MS;
  let turn = { unsubscribe: (): void => undefined };
  let unread: readonly Row[] = [];
  let at = 0;
  const work = (): void => {
    if (isWorking || isHostsTurn) return;
    isWorking = true;
    try {
      for (;;) {
        for (; at < unread.length && !subscriber.closed; at += 1) {
          if (demand?.isMet === true) return;
          subscriber.next(unread[at] as Row);
        }
        if (subscriber.closed) return;
        if (hostTime.monotonicMs() > untilMs) {
          isHostsTurn = true;
          turn = hostTime.nextTurn.subscribe({ next: afterTurn });
          return;
        }
        const { done, value } = steps.next();
        if (done === true) {
          subscriber.complete();
          return;
        }
        unread = value;
        at = 0;
      }
    } catch (fault) {
      subscriber.error(fault);
    } finally {
      isWorking = false;
    }
  };
  const afterTurn = (): void => {
    isHostsTurn = false;
    untilMs = hostTime.monotonicMs() + TURN_MS;
    work();
  };
  const changes = demand?.changed$.subscribe(work);
  work();
  return () => {
    turn.unsubscribe();
    changes?.unsubscribe();
    steps.return();
  };
}
