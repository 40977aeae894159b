/** Resolves addresses on the wire (RFC 826). Packets for an unknown address wait until its owner answers. */
import { Alarm } from "./alarm.js";
import { BoundedTable } from "./bounded-table.js";
import type { Clock } from "./clock.js";

/** RFC 1122 §2.3.2.1: ask at most once a second. §2.3.2.2: keep packets until the answer comes. */
const ASK_EVERY_MS = 1000;
const MAX_QUESTIONS = 5;
/** The limit on packets that wait for one address. */
export const MAX_WAITING = 64;
/** The limit on known addresses, and on addresses asked for. A guest can make up as many as its subnet has. */
export const MAX_NEIGHBOURS = 256;

interface Wanted {
  readonly waiting: Uint8Array[];
  readonly again: Alarm;
}

export class Neighbours {
  private readonly macs = new BoundedTable<string, string>(MAX_NEIGHBOURS);
  private readonly wanted = new BoundedTable<string, Wanted>(MAX_NEIGHBOURS, ({ again }) => {
    again.clear();
  });

  constructor(
    private readonly clock: Clock,
    private readonly ask: (address: string) => void,
    private readonly deliver: (mac: string, packet: Uint8Array) => void,
  ) {}

  learn(address: string, mac: string): void {
    this.macs.put(address, mac);
    const wanted = this.wanted.use(address);
    if (wanted === undefined) return;
    this.wanted.delete(address);
    for (const packet of wanted.waiting) this.deliver(mac, packet);
  }

  send(address: string, packet: Uint8Array): void {
    const mac = this.macs.use(address);
    if (mac !== undefined) {
      this.deliver(mac, packet);
      return;
    }
    const wanted = this.wanted.use(address) ?? this.begin(address);
    if (wanted.waiting.length < MAX_WAITING) wanted.waiting.push(packet);
  }

  stop(): void {
    this.wanted.clear();
  }

  private begin(address: string): Wanted {
    let questions = 1;
    const again = new Alarm(this.clock, () => {
      questions += 1;
      if (questions > MAX_QUESTIONS) {
        this.wanted.delete(address);
        return;
      }
      this.ask(address);
      again.set(ASK_EVERY_MS);
    });
    const wanted = { waiting: [], again };
    this.wanted.put(address, wanted);
    this.ask(address);
    again.set(ASK_EVERY_MS);
    return wanted;
  }
}
