/**
 * Merges what each value leads to, for the last so many of those that are not yet done: the oldest is let go where
 * there are more.
 */
import { Observable, Subscription, type OperatorFunction } from "rxjs";

export const mergeLast =
  <T, R>(count: number, project: (value: T) => Observable<R>): OperatorFunction<T, R> =>
  (source$) =>
    new Observable((subscriber) => {
      // In the order in which they were begun.
      const open = new Set<Subscription>();
      let hasCompleted = false;
      const completeWhereAllIsDone = (): void => {
        if (hasCompleted && open.size === 0) subscriber.complete();
      };
      subscriber.add(() => {
        for (const inner of open) inner.unsubscribe();
      });
      const begin = (value: T): void => {
        const inner = new Subscription();
        open.add(inner);
        inner.add(() => {
          open.delete(inner);
          completeWhereAllIsDone();
        });
        const [oldest] = open;
        if (open.size > count) oldest?.unsubscribe();
        inner.add(
          project(value).subscribe({
            next: (result) => {
              subscriber.next(result);
            },
            error: (fault: unknown) => {
              subscriber.error(fault);
            },
            complete: () => {
              inner.unsubscribe();
            },
          }),
        );
      };
      subscriber.add(
        source$.subscribe({
          next: begin,
          error: (fault: unknown) => {
            subscriber.error(fault);
          },
          complete: () => {
            hasCompleted = true;
            completeWhereAllIsDone();
          },
        }),
      );
    });
