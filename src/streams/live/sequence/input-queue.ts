/**
 * Inputs that wait for their device: in the order of arrival, and one that can't go in yet holds up only those for the
 * same device.
 */
import type { MachineEvent } from "../../../reducers/events.js";

/** Of one kind and slot. A backend that can bring more waits for what it has offered to be taken (`Backend`). */
export const MAX_WAITING_INPUTS = 1 << 14;

/** A backend offers more than may wait. */
export class InputQueueError extends Error {
  override readonly name = "InputQueueError";
  readonly code = "TOO_MANY_INPUTS";
}

interface Arrival {
  readonly number: number;
  readonly event: MachineEvent;
}

/** A queue a kind and slot, so that neither a look nor a take costs more where much waits. */
export class InputQueue {
  private readonly queues = new Map<string, Arrival[]>();
  private arrivals = 0;
  length = 0;

  /** @throws {InputQueueError} where `MAX_WAITING_INPUTS` for this device wait already. */
  push(event: MachineEvent): void {
    const key = "slot" in event ? `${event.type} ${String(event.slot)}` : event.type;
    let queue = this.queues.get(key);
    if (queue === undefined) {
      queue = [];
      this.queues.set(key, queue);
    }
    if (queue.length === MAX_WAITING_INPUTS)
      throw new InputQueueError(
        `${String(MAX_WAITING_INPUTS)} inputs ${key} wait for the guest, and a backend offers more; ` +
          "it must wait until what it offered is taken: taken$ says so",
      );
    queue.push({ number: this.arrivals++, event });
    this.length += 1;
  }

  /** The first to have come of those that can go in. */
  take(canTake: (event: MachineEvent) => boolean): MachineEvent | undefined {
    if (this.length === 0) return undefined;
    let chosen: Arrival[] | undefined;
    for (const queue of this.queues.values()) {
      const [head] = queue;
      if (head === undefined || head.number > (chosen?.[0]?.number ?? Infinity)) continue;
      if (canTake(head.event)) chosen = queue;
    }
    if (chosen === undefined) return undefined;
    this.length -= 1;
    return chosen.shift()?.event;
  }
}
