/** Requests of devices that the world answers: from where one was made to the event that is its answer. */
import type { FormRow } from "../form-rows.js";
import type { Notes } from "./packets.js";

export interface AnsweredRequest {
  readonly device: string;
  readonly name: string;
  readonly beginNs: bigint;
  readonly endNs: bigint;
  readonly notes: Notes;
}

/** Requests that were not answered yet. A device that was reset answers none: the oldest is forgotten. */
export const MAX_WAITING_REQUESTS = 1 << 12;

type Waiting = Omit<AnsweredRequest, "endNs">;

export class Requests {
  /** By device and id. */
  private readonly waiting = new Map<string, Waiting>();

  /** The request that the row answers. */
  hear(row: FormRow): AnsweredRequest | undefined {
    if (row.kind === "requests") {
      this.asked(row);
      return undefined;
    }
    const key = answeredBy(row);
    const begun = key === undefined ? undefined : this.waiting.get(key);
    if (key === undefined || begun === undefined) return undefined;
    this.waiting.delete(key);
    return { ...begun, endNs: row.ns };
  }

  private asked({ seq, icount, ns, ...row }: FormRow): void {
    const [device, name] = [String(row["device"]), String(row["action"])];
    if (name === "send" || name === "print") return;
    const { id, bytes, offset } = row as { id?: number; bytes?: number; offset?: number };
    const key = keyOf(device, id);
    // Behind the others, also where a device that was reset begins its ids anew.
    this.waiting.delete(key);
    this.waiting.set(key, { device, name, beginNs: ns, notes: { seq, icount, bytes, offset } });
    if (this.waiting.size <= MAX_WAITING_REQUESTS) return;
    for (const oldest of this.waiting.keys()) {
      this.waiting.delete(oldest);
      return;
    }
  }
}

function answeredBy({ type, slot, id }: FormRow): string | undefined {
  const device = `virtio${String(slot)}`;
  if (type === "virtioBlk/requestCompleted") return keyOf(device, id);
  return type === "virtioRng/entropyProvided" ? keyOf(device, undefined) : undefined;
}

const keyOf = (device: string, id: unknown): string => `${device} ${String(id)}`;
