/** Who is at which address on the wire (RFC 826): what is for an address not yet known waits until it answers. */
import type { SchedulerLike } from "rxjs";

import { Alarm } from "./alarm.js";

/** RFC 1122 §2.3.2.1 and §2.3.2.2: a question a second, and something waits for the answer. */
const ASK_EVERY_MS = 1000;
const MAX_QUESTIONS = 5;
const MAX_WAITING = 64;

interface Wanted {
  readonly waiting: Uint8Array[];
  readonly again: Alarm;
}

export class Neighbours {
  private readonly macs = new Map<string, string>();
  private readonly wanted = new Map<string, Wanted>();

  constructor(
    private readonly scheduler: SchedulerLike,
    private readonly ask: (address: string) => void,
    private readonly deliver: (mac: string, packet: Uint8Array) => void,
  ) {}

  learn(address: string, mac: string): void {
    this.macs.set(address, mac);
    const wanted = this.wanted.get(address);
    if (wanted === undefined) return;
    wanted.again.clear();
    this.wanted.delete(address);
    for (const packet of wanted.waiting) this.deliver(mac, packet);
  }

  send(address: string, packet: Uint8Array): void {
    const mac = this.macs.get(address);
    if (mac !== undefined) {
      this.deliver(mac, packet);
      return;
    }
    const wanted = this.wanted.get(address) ?? this.begin(address);
    if (wanted.waiting.length < MAX_WAITING) wanted.waiting.push(packet);
  }

  stop(): void {
    for (const { again } of this.wanted.values()) again.clear();
    this.wanted.clear();
  }

  private begin(address: string): Wanted {
    let questions = 1;
    const again = new Alarm(this.scheduler, () => {
      questions += 1;
      if (questions > MAX_QUESTIONS) {
        this.wanted.delete(address);
        return;
      }
      this.ask(address);
      again.set(ASK_EVERY_MS);
    });
    const wanted = { waiting: [], again };
    this.wanted.set(address, wanted);
    this.ask(address);
    again.set(ASK_EVERY_MS);
    return wanted;
  }
}
