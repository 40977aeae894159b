/** One timer that is set anew or cleared, on whatever clock its scheduler has. */
import { Subscription, type SchedulerLike } from "rxjs";

export class Alarm {
  private waiting: Subscription = Subscription.EMPTY;

  constructor(
    private readonly scheduler: SchedulerLike,
    private readonly ring: () => void,
  ) {}

  get isSet(): boolean {
    return !this.waiting.closed;
  }

  set(delayMs: number): void {
    this.waiting.unsubscribe();
    this.waiting = this.scheduler.schedule(() => {
      this.waiting.unsubscribe();
      this.ring();
    }, delayMs);
  }

  clear(): void {
    this.waiting.unsubscribe();
  }
}
