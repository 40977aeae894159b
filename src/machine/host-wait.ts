/**
 * An instruction that can't go on without an answer of the host: it is put off, and begins anew when the answer has come.
 *
 * An answer is good for the whole instruction: an AMO's store must not ask again for what its load has used up, or it
 * would for ever.
 */
import type { BusAccess } from "../reducers/device.js";
import type { Unit } from "../reducers/devices.js";
import type { Effect } from "../reducers/effect.js";
import { rowOf, type EventType, type MachineEvent } from "../reducers/events.js";

/** Whether an access goes on, goes on with an answer that its instruction has used before, or waits for one. */
export type Admission = "goesOn" | { readonly again: MachineEvent } | { readonly asks: Effect };

export class HostWait {
  /** The event that the guest's present instruction can't go on without. */
  awaited: EventType | undefined;
  /** What it is, where the host has none to give. */
  unanswered: MachineEvent | undefined;
  private used: { readonly icount: number; readonly unit: Unit; readonly answer: MachineEvent } | undefined;

  /** For an access to a device that may have to wait, by the instruction at `icount`. */
  admit(unit: Unit, state: unknown, access: BusAccess, icount: number): Admission {
    const { hostWait } = unit.device;
    if (hostWait === undefined) return "goesOn";
    const asks = hostWait.asks(state, access);
    if (asks === undefined) {
      const answer = hostWait.held(state) as MachineEvent | undefined;
      if (answer !== undefined) this.used = { icount, unit, answer };
      return "goesOn";
    }
    if (this.used?.icount === icount && this.used.unit === unit) return { again: this.used.answer };
    this.unanswered = hostWait.unanswered as MachineEvent;
    this.awaited = this.unanswered.type;
    return { asks };
  }

  /** Whether an event can come in now: an answer only where it is waited for, and then nothing else of the devices'. */
  takes(event: MachineEvent): boolean {
    return rowOf(event.type).isAnswer !== true || event.type === this.awaited;
  }

  answered(event: MachineEvent): void {
    if (event.type === this.awaited) this.end();
  }

  /** Another state: whatever was waited for or used up is not its. */
  forget(): void {
    this.end();
    this.used = undefined;
  }

  private end(): void {
    this.awaited = undefined;
    this.unanswered = undefined;
  }
}
