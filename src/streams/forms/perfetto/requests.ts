/** Requests of devices: from the driver's notification to the event that is their answer. */
import type { FormRow } from "../form-rows.js";
import type { Notes } from "./packets.js";

export interface DeviceRequest {
  readonly device: string;
  readonly name: string;
  readonly beginNs: bigint;
  readonly endNs: bigint;
  readonly notes: Notes;
}

/** Virtio 1.2 §4.2.2: QueueNotify. */
const QUEUE_NOTIFY = 0x50;
/** Each slot's registers. */
const SLOT_BYTES = 0x1000;
/** Notifications that were not answered yet, of a device. A driver may make more: the oldest is forgotten. */
export const MAX_WAITING_REQUESTS = 256;

const ANSWERS: readonly unknown[] = ["virtioBlk/requestCompleted", "virtioRng/entropyProvided"];

interface Waiting {
  readonly ns: bigint;
  readonly notes: Notes;
}

export class Requests {
  private readonly bySlot = new Map<string, Waiting[]>();

  /** The request that the row ends. One notification may be of several: the last one waits for all the others. */
  hear(row: FormRow): DeviceRequest | undefined {
    const { kind, type, slot } = row;
    if (kind === "devices") {
      if (isNotification(row)) this.notified(row);
      return undefined;
    }
    if (!ANSWERS.includes(type)) return undefined;
    const device = `virtio${String(slot)}`;
    const waiting = this.waitingOf(device);
    const begun = waiting.length > 1 ? waiting.shift() : waiting[0];
    if (begun === undefined) return undefined;
    const [name = ""] = String(type).split("/");
    return { device, name, beginNs: begun.ns, endNs: row.ns, notes: begun.notes };
  }

  private notified({ device, seq, icount, ns }: FormRow): void {
    const waiting = this.waitingOf(String(device));
    waiting.push({ ns, notes: { seq, icount } });
    if (waiting.length > MAX_WAITING_REQUESTS) waiting.shift();
  }

  private waitingOf(device: string): Waiting[] {
    const found = this.bySlot.get(device) ?? [];
    this.bySlot.set(device, found);
    return found;
  }
}

const isNotification = ({ device, access, address }: FormRow): boolean =>
  access === "store" && String(device).startsWith("virtio") && Number(address) % SLOT_BYTES === QUEUE_NOTIFY;
