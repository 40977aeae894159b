/** Inputs that wait for their device: in the order of arrival, and one that can't go in yet holds up only those for the same device. */
import type { MachineEvent } from "../../../reducers/events.js";

interface Arrival {
  readonly number: number;
  readonly event: MachineEvent;
}

/** A queue a kind and slot, so that neither a look nor a take costs more where much waits, as with a long text on a pipe. */
export class InputQueue {
  private readonly queues = new Map<string, Fifo<Arrival>>();
  private arrivals = 0;
  length = 0;

  push(event: MachineEvent): void {
    const key = "slot" in event ? `${event.type} ${String(event.slot)}` : event.type;
    let queue = this.queues.get(key);
    if (queue === undefined) {
      queue = new Fifo();
      this.queues.set(key, queue);
    }
    queue.push({ number: this.arrivals++, event });
    this.length += 1;
  }

  /** The first to have come of those that can go in. */
  take(canTake: (event: MachineEvent) => boolean): MachineEvent | undefined {
    if (this.length === 0) return undefined;
    let chosen: Fifo<Arrival> | undefined;
    for (const queue of this.queues.values()) {
      const head = queue.head;
      if (head === undefined || head.number > (chosen?.head?.number ?? Infinity)) continue;
      if (canTake(head.event)) chosen = queue;
    }
    if (chosen === undefined) return undefined;
    this.length -= 1;
    return chosen.shift()?.event;
  }
}

/** Array.shift copies the rest of a long array each time. */
class Fifo<T> {
  private items: T[] = [];
  private first = 0;

  get head(): T | undefined {
    return this.items[this.first];
  }

  push(item: T): void {
    this.items.push(item);
  }

  shift(): T | undefined {
    const item = this.items[this.first++];
    if (this.first * 2 > this.items.length) {
      this.items = this.items.slice(this.first);
      this.first = 0;
    }
    return item;
  }
}
