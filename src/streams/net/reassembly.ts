/** Reassembles fragmented IPv4 packets (RFC 791 §3.2, RFC 815). */
import { Alarm } from "./alarm.js";
import { BoundedTable } from "./bounded-table.js";
import { concatenated } from "../../reducers/concatenated.js";
import type { Clock } from "./clock.js";
import type { Ipv4Packet } from "./ipv4.js";

/** RFC 1122 §3.3.2 asks for 60 to 120 s, but a wire of one hop is never that slow. */
const TIMEOUT_MS = 30_000;
/** The limits on incomplete packets and on the parts of one. The largest packet on this wire needs 45 parts. */
export const MAX_PACKETS = 16;
export const MAX_FRAGMENTS = 256;
const MAX_PACKET_BYTES = 65_535;

interface Incomplete {
  /** By offset. No fragment overlaps another, so together they are no longer than one packet. */
  fragments: Map<number, Ipv4Packet>;
  /** RFC 5722 §4: a packet with overlapping fragments is lost, including fragments that come later. */
  isSpoilt: boolean;
  readonly timeout: Alarm;
}

export class Reassembly {
  private readonly incomplete = new BoundedTable<string, Incomplete>(MAX_PACKETS, ({ timeout }) => {
    timeout.clear();
  });

  constructor(private readonly clock: Clock) {}

  /** Returns the whole packet when its last fragment has come. */
  add(packet: Ipv4Packet): Ipv4Packet | undefined {
    const { fragmentOffset = 0, moreFragments = false, payload } = packet;
    if (fragmentOffset === 0 && !moreFragments) return packet;
    if (payload.length === 0 || fragmentOffset + payload.length > MAX_PACKET_BYTES) return undefined;
    const key = `${packet.source} ${packet.destination} ${String(packet.protocol)} ${String(packet.identification)}`;
    const started = this.incomplete.use(key) ?? this.begin(key);
    if (started.isSpoilt || isRepeated(started.fragments, packet)) return undefined;
    if (started.fragments.size >= MAX_FRAGMENTS || overlaps(started.fragments, packet)) {
      started.isSpoilt = true;
      started.fragments = new Map();
      return undefined;
    }
    started.fragments.set(fragmentOffset, copyOf(packet));
    const whole = join(started.fragments);
    if (whole !== undefined) this.incomplete.delete(key);
    return whole;
  }

  stop(): void {
    this.incomplete.clear();
  }

  private begin(key: string): Incomplete {
    const timeout = new Alarm(this.clock, () => {
      this.incomplete.delete(key);
    });
    timeout.set(TIMEOUT_MS);
    const started = { fragments: new Map<number, Ipv4Packet>(), isSpoilt: false, timeout };
    this.incomplete.put(key, started);
    return started;
  }
}

/** Copies the payload, so that the rest of its frame can be freed. */
const copyOf = (packet: Ipv4Packet): Ipv4Packet => ({
  ...packet,
  payload: packet.payload.slice(),
  ...(packet.beginning === undefined ? {} : { beginning: packet.beginning.slice() }),
});

/** RFC 8200 §4.5: an exact repetition is no overlap. */
const isRepeated = (fragments: ReadonlyMap<number, Ipv4Packet>, { fragmentOffset = 0, payload }: Ipv4Packet): boolean =>
  fragments.get(fragmentOffset)?.payload.length === payload.length;

const overlaps = (fragments: ReadonlyMap<number, Ipv4Packet>, { fragmentOffset = 0, payload }: Ipv4Packet): boolean =>
  [...fragments].some(
    ([at, other]) => at < fragmentOffset + payload.length && fragmentOffset < at + other.payload.length,
  );

/** Returns undefined if fragments are missing, or some lie beyond the last one. */
const join = (fragments: ReadonlyMap<number, Ipv4Packet>): Ipv4Packet | undefined => {
  const parts: Ipv4Packet[] = [];
  for (let at = 0, isLast = false; !isLast;) {
    const next = fragments.get(at);
    if (next === undefined) return undefined;
    parts.push(next);
    at += next.payload.length;
    isLast = next.moreFragments !== true;
  }
  const [first] = parts;
  if (first === undefined || parts.length < fragments.size) return undefined;
  return {
    ...first,
    fragmentOffset: 0,
    moreFragments: false,
    payload: concatenated(parts.map((part) => part.payload)),
  };
};
