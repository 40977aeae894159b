/** Checks at intervals whether an idle peer is still there (RFC 1122 §4.2.3.6). */
import { Alarm } from "./alarm.js";
import type { Clock } from "./clock.js";

const IDLE_MS = 2 * 60 * 60_000;
const INTERVAL_MS = 75_000;
const MAX_PROBES = 9;

export class Keepalive {
  private readonly alarm: Alarm;
  private lastHeardMs: number;
  private unansweredProbes = 0;

  constructor(
    private readonly clock: Clock,
    private readonly peer: { readonly probe: () => void; readonly lost: () => void },
  ) {
    this.lastHeardMs = clock.now();
    this.alarm = new Alarm(clock, () => {
      this.ask();
    });
  }

  start(): void {
    this.alarm.set(IDLE_MS);
  }

  heard(): void {
    this.lastHeardMs = this.clock.now();
    this.unansweredProbes = 0;
  }

  stop(): void {
    this.alarm.clear();
  }

  private ask(): void {
    const idleMs = this.clock.now() - this.lastHeardMs;
    if (idleMs < IDLE_MS) {
      this.alarm.set(IDLE_MS - idleMs);
      return;
    }
    this.unansweredProbes += 1;
    if (this.unansweredProbes > MAX_PROBES) {
      this.peer.lost();
      return;
    }
    this.peer.probe();
    this.alarm.set(INTERVAL_MS);
  }
}
