/** One timer that can be set again or cleared. */
import type { Clock } from "./clock.js";

export class Alarm {
  private callOff: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly ring: () => void,
  ) {}

  get isSet(): boolean {
    return this.callOff !== undefined;
  }

  set(delayMs: number): void {
    this.clear();
    this.callOff = this.clock.after(delayMs, () => {
      this.callOff = undefined;
      this.ring();
    });
  }

  clear(): void {
    this.callOff?.();
    this.callOff = undefined;
  }
}
