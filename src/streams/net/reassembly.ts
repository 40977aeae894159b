/** Puts the fragments of IPv4 packets together (RFC 791 §3.2, RFC 815). */
import { timer, type SchedulerLike, type Subscription } from "rxjs";

import type { Ipv4Packet } from "./ipv4.js";

/** RFC 1122 §3.3.2 asks for 60 to 120 s; nothing is that slow on a wire of one hop. */
const TIMEOUT_MS = 30_000;
/** Packets that may be incomplete at once: no guest can fill the host's memory. */
const MAX_PACKETS = 16;
const MAX_PACKET_BYTES = 65_535;

interface Partial {
  readonly fragments: Map<number, Ipv4Packet>;
  readonly timeout: Subscription;
}

export class Reassembly {
  private readonly partials = new Map<string, Partial>();

  constructor(private readonly scheduler: SchedulerLike) {}

  /** The whole packet, once its last fragment has come. */
  add(packet: Ipv4Packet): Ipv4Packet | undefined {
    const { fragmentOffset = 0, moreFragments = false, payload } = packet;
    if (fragmentOffset === 0 && !moreFragments) return packet;
    if (fragmentOffset + payload.length > MAX_PACKET_BYTES) return undefined;
    const key = `${packet.source} ${packet.destination} ${String(packet.protocol)} ${String(packet.identification)}`;
    const partial = this.partials.get(key) ?? this.begin(key);
    partial?.fragments.set(fragmentOffset, packet);
    const whole = partial === undefined ? undefined : join(partial.fragments);
    if (whole !== undefined) this.forget(key);
    return whole;
  }

  stop(): void {
    for (const key of [...this.partials.keys()]) this.forget(key);
  }

  private begin(key: string): Partial | undefined {
    if (this.partials.size >= MAX_PACKETS) return undefined;
    const timeout = timer(TIMEOUT_MS, this.scheduler).subscribe(() => {
      this.forget(key);
    });
    const partial = { fragments: new Map<number, Ipv4Packet>(), timeout };
    this.partials.set(key, partial);
    return partial;
  }

  private forget(key: string): void {
    this.partials.get(key)?.timeout.unsubscribe();
    this.partials.delete(key);
  }
}

/** Fragments that overlap are never joined: RFC 5722 found no use for them but attacks. */
const join = (fragments: ReadonlyMap<number, Ipv4Packet>): Ipv4Packet | undefined => {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const next = fragments.get(length);
    if (next === undefined || (next.payload.length === 0 && next.moreFragments === true)) return undefined;
    parts.push(next.payload);
    length += next.payload.length;
    if (next.moreFragments !== true) {
      return { ...(fragments.get(0) ?? next), fragmentOffset: 0, moreFragments: false, payload: Buffer.concat(parts) };
    }
  }
};
