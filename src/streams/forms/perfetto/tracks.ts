/** The tracks of a trace: each is described when it is first used. */
import type { TrackEvent, Notes, Packets, Track } from "./packets.js";
import { Lanes } from "./lanes.js";

export interface Slice {
  readonly beginNs: bigint;
  readonly endNs: bigint;
  readonly name: string;
  readonly category: string;
  readonly notes: Notes;
  /** No slice lies in it: what is under way with it is beside it. */
  readonly isAlone?: boolean;
}

/** A guest may have as many tasks as it likes. Those beyond share a track. */
export const MAX_TRACKS = 1 << 16;

export class Tracks {
  private readonly known = new Map<string, { readonly uuid: bigint; name: string }>();
  private readonly lanes = new Map<string, Lanes>();

  constructor(private readonly packets: Packets) {}

  /** The track's uuid. A name that is another one is told. */
  *of(key: string, track: Omit<Track, "uuid">): Generator<Uint8Array, bigint> {
    const known = this.known.get(key);
    if (known !== undefined && known.name === track.name) return known.uuid;
    if (known === undefined && this.known.size >= MAX_TRACKS) return OTHERS;
    const uuid = known?.uuid ?? BigInt(this.known.size + 1);
    this.known.set(key, { uuid, name: track.name });
    yield this.packets.track({ uuid, ...track });
    return uuid;
  }

  *event(event: TrackEvent): Generator<Uint8Array, void> {
    yield this.packets.event(event);
  }

  /** On a track of that name, or on one beside it where another slice is in the way; else an instant. */
  *slice(key: string, track: Omit<Track, "uuid">, slice: Slice): Generator<Uint8Array, void> {
    const { beginNs, endNs, isAlone, ...what } = slice;
    let lanes = this.lanes.get(key);
    if (lanes === undefined) this.lanes.set(key, (lanes = new Lanes()));
    const lane = lanes.laneFor(beginNs, endNs, isAlone);
    const isMain = lane === undefined || lane === 0;
    const main = yield* this.of(key, track);
    const uuid = isMain
      ? main
      : yield* this.of(`${key} ${String(lane)}`, { name: `${track.name} (${String(lane + 1)})`, parent: main });
    if (lane === undefined) yield this.packets.event({ ns: beginNs, type: "instant", track: uuid, ...what });
    else {
      yield this.packets.event({ ns: beginNs, type: "begin", track: uuid, ...what });
      yield this.packets.event({ ns: endNs, type: "end", track: uuid });
    }
  }
}

/** The one that Perfetto has for events without a track. */
const OTHERS = 0n;
