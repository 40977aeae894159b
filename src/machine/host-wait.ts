/**
 * An instruction that needs an answer of the host. It is deferred, and starts again when the answer has come.
 *
 * An answer serves the whole instruction. The store of an AMO must not ask for a second answer after its load has used
 * the first, or the instruction would never finish.
 */
import type { BusAccess } from "../reducers/device.js";
import type { Unit } from "../reducers/devices.js";
import type { Effect } from "../reducers/effect.js";
import { rowOf, type EventType, type MachineEvent } from "../reducers/events.js";

/** The access proceeds, proceeds with an answer that its instruction has used before, or waits for an answer. */
export type Admission = "goesOn" | { readonly again: MachineEvent } | { readonly asks: Effect };

export class HostWait {
  /** The type of the event that the present instruction waits for. */
  awaited: EventType | undefined;
  /** That event in the form for "the host has no answer". */
  unanswered: MachineEvent | undefined;
  private used: { readonly icount: number; readonly unit: Unit; readonly answer: MachineEvent } | undefined;

  /** Admits an access of the instruction at `icount` to a device that may have to wait. */
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

  /** Whether an event can come in now. An answer can come only while an access waits for it. */
  takes(event: MachineEvent): boolean {
    return rowOf(event.type).isAnswer !== true || event.type === this.awaited;
  }

  answered(event: MachineEvent): void {
    if (event.type === this.awaited) this.end();
  }

  /** Another state was loaded, so its accesses neither wait nor have used an answer. */
  forget(): void {
    this.end();
    this.used = undefined;
  }

  private end(): void {
    this.awaited = undefined;
    this.unanswered = undefined;
  }
}
