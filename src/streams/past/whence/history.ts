/** Who wrote a spot last before a place: found by replays of what lies before it, backwards, with probes. */
import { explain } from "../../../machine/dataflow/explain.js";
import type { Deed, RegisterKey } from "../../../machine/dataflow/deed.js";
import { mayWrite, writtenByTraps } from "../../../machine/dataflow/may-write.js";
import type { Carried } from "../../../machine/engine/carried.js";
import type { EncodingFilter, Probed, Probes } from "../../../machine/engine/probes.js";
import type { Machine } from "../../../machine/machine.js";
import { DRAM_BASE } from "../../../machine/memory-map.js";
import type { MachineState } from "../../../machine/state.js";
import { writesKind } from "../query/accesses.js";
import { findsFrom } from "../query/probed-replay.js";
import type { Listener } from "../query/question.js";
import { keptState } from "../kept-states.js";
import type { Recording } from "../recording.js";
import type { Steps } from "./steps.js";
import { registersWritten } from "./debugger-writes.js";
import { windowsBack, type Place, type Window } from "./windows-back.js";

/** A place between two deeds: after an event, at an icount, and after so many deeds of the instruction there. */
export interface Cut extends Place {
  readonly hart: number;
  readonly deeds: number;
}

/** What a hart did at a place until an instruction retired, with the state before. */
export interface Block extends Place {
  readonly hart: number;
  readonly state: MachineState;
  readonly deeds: readonly Deed[];
}

export interface DeedMaker {
  readonly kind: "deed";
  readonly block: Block;
  readonly index: number;
}

/** A device wrote it when it took an event, or a debugger did. `carried`: where the first byte is from. */
export interface EventMaker extends Place {
  readonly kind: "event";
  readonly carried: Carried | undefined;
}

export type Maker = DeedMaker | EventMaker;

/** More would have to be run than was allowed. */
export class Exhausted extends Error {}

/** Explained places that are kept, so that a tree's branches share them. */
export const MAX_BLOCKS = 512;
/** Of the candidates in a window, the last ones are looked at first. */
const FEW = 64;

export class History {
  private readonly blocks = new Map<string, Block>();
  /** Instructions that were run. */
  ranInsns = 0;

  constructor(
    readonly recording: Recording,
    private readonly maxInsns: number,
    private readonly maxBlocks = MAX_BLOCKS,
  ) {}

  *block({ seq, icount }: Place, hart: number): Steps<Block> {
    const key = `${String(seq)} ${String(icount)} ${String(hart)}`;
    let block = this.blocks.get(key);
    if (block === undefined) {
      const state = yield* this.recording.stepsTo({ seq, icount });
      block = { seq, icount, hart, state, deeds: explain(state, hart) };
      const [oldest] = this.blocks.keys();
      if (this.blocks.size >= this.maxBlocks && oldest !== undefined) this.blocks.delete(oldest);
      this.blocks.set(key, block);
    }
    return block;
  }

  /** Where an instruction waited for the host, it is explained where it began anew, with the answer. */
  *retiring(place: Place, hart: number): Steps<Block> {
    let block = yield* this.block(place, hart);
    for (const { seq, icount } of this.recording.eventsFrom(place.seq + 1)) {
      if (icount > place.icount || block.deeds.at(-1)?.kind === "instruction") break;
      block = yield* this.block({ seq, icount }, hart);
    }
    return block;
  }

  /** Undefined: nobody, since the machine's life began. @throws {Exhausted} */
  *registerWriter(hart: number, key: RegisterKey, cut: Cut): Steps<Maker | undefined> {
    const within = (block: Block, deeds: number): DeedMaker | undefined => {
      const index = block.deeds.slice(0, deeds).findLastIndex(({ registers }) => registers.has(key));
      return index < 0 ? undefined : { kind: "deed", block, index };
    };
    if (cut.deeds > 0 && cut.hart === hart) {
      const own = within(yield* this.block(cut, hart), cut.deeds);
      if (own !== undefined) return own;
    }
    const listener: Listener<Place> = {
      probes: probesFor(key),
      told: (machine, icount) => (machine.hart === hart ? { seq: machine.position.seq, icount } : undefined),
    };
    const outside = this.debuggerWrite(hart, key, cut);
    for (const place of this.placesBack(cut, listener)) {
      if (place === undefined) {
        yield;
        continue;
      }
      if (outside !== undefined && place.seq < outside.seq) break;
      // It may have trapped instead.
      const found = within(yield* this.retiring(place, hart), Infinity);
      if (found !== undefined) return found;
    }
    return outside;
  }

  /** The last time before a place that a debugger wrote the register. */
  private debuggerWrite(hart: number, key: RegisterKey, { seq }: Place): EventMaker | undefined {
    const written = registersWritten(this.recording);
    const last = written.findLast((one) => one.seq <= seq && one.hart === hart && one.keys.includes(key));
    return last && { kind: "event", seq: last.seq, icount: last.icount, carried: undefined };
  }

  /** Of each byte; undefined where nobody wrote it since the machine's life began. @throws {Exhausted} */
  *memoryWriters(address: number, bytes: number, cut: Cut): Steps<readonly (Maker | undefined)[]> {
    const makers = new Array<Maker | undefined>(bytes);
    const open = new Set(makers.keys());
    if (cut.deeds > 0) this.takeStores(yield* this.block(cut, cut.hart), cut.deeds, address, makers, open);
    for (const window of this.windows(cut)) {
      if (window === undefined) {
        yield;
        continue;
      }
      if (open.size === 0) break;
      const stores = [...open].map((index) => ({ address: address + index, bytes: 1 }));
      const { before, after } = window;
      if (writesKind.listen(stores).rulesOut?.(keptState(before), keptState(after)) === true) continue;
      this.spend(window);
      const last = new Map<number, StoreRow>();
      for (const rows of findsFrom(this.recording, storeListener(stores), before, after.position)) {
        for (const row of rows) for (const index of overlap(row, address, open)) last.set(index, row);
        yield;
      }
      for (const [index, row] of last) {
        makers[index] = yield* this.makerOf(row, address + index);
        open.delete(index);
      }
    }
    return makers;
  }

  /**
   * The events before a place at which what is looked at changed, the latest first; undefined: a stretch more was seen.
   * @throws {Exhausted}
   */
  *changesBack(place: Place, look: (seen: Pick<MachineState, "disks">) => unknown): Generator<Place | undefined, void> {
    for (const window of this.windows(place)) {
      if (window === undefined) {
        yield;
        continue;
      }
      if (look(window.before) === look(window.after)) continue;
      this.spend(window);
      let present = look(window.before);
      const listener: Listener<Place> = {
        stands: (machine, event) => {
          const now = look(machine);
          if (now === present || event === undefined) return [];
          present = now;
          return [{ seq: event.seq, icount: event.icount }];
        },
      };
      const found: Place[] = [];
      for (const places of findsFrom(this.recording, listener, window.before, window.after.position)) {
        found.push(...places);
        yield;
      }
      yield* found.reverse();
    }
  }

  /** What the copies of one event carry between RAM and devices. */
  *carriedBy(place: Place): Steps<readonly CarriedRow[]> {
    const before = yield* this.recording.stepsTo({ seq: place.seq - 1, icount: place.icount });
    const all = [{ address: DRAM_BASE, bytes: before.ram.byteLength }];
    const listener: Listener<CarriedRow> = {
      probes: { loads: all },
      told: (_machine, _icount, probed) =>
        probed.type === "memory/loaded" && probed.carried !== undefined
          ? { address: probed.address, bytes: probed.bytes, carried: probed.carried }
          : undefined,
    };
    return [...findsFrom(this.recording, listener, before, { seq: place.seq })].flat();
  }

  /**
   * Where a listener is told of something, the latest first; about so many instructions back. Undefined: a stretch more
   * was looked at. @throws {Exhausted}
   */
  *placesBack<Found extends Place>(
    place: Place,
    listener: Listener<Found>,
    withinInsns = Infinity,
  ): Generator<Found | undefined, void> {
    for (const window of this.windows(place)) {
      if (window === undefined) {
        yield;
        continue;
      }
      if (window.after.position.icount <= place.icount - withinInsns) return;
      this.spend(window);
      for (let until: Place = window.after.position; ;) {
        const last: Found[] = [];
        for (const rows of findsFrom(this.recording, listener, window.before, {
          seq: until.seq,
          icount: until.icount,
        })) {
          last.push(...rows);
          if (last.length > FEW) last.splice(0, last.length - FEW);
          yield;
        }
        yield* last.toReversed();
        const [oldest] = last;
        if (oldest === undefined || last.length < FEW) break;
        until = oldest;
      }
    }
  }

  private windows(place: Place): Generator<Window | undefined, void> {
    return windowsBack(this.recording, place);
  }

  private spend({ before, after }: Window): void {
    this.ranInsns += after.position.icount - before.position.icount;
    if (this.ranInsns > this.maxInsns) throw new Exhausted();
  }

  private *makerOf(row: StoreRow, address: number): Steps<Maker> {
    const { seq, icount } = row;
    if (row.by !== "hart") {
      const carried = row.carried && { ...row.carried, offset: row.carried.offset + (address - row.address) };
      return { kind: "event", seq, icount, carried };
    }
    const block = yield* this.block(row, row.hart);
    const index = block.deeds.findLastIndex(({ stores }) => stores.some((store) => holds(store, address)));
    if (index < 0) throw new Error(`nothing at icount ${String(icount)} stores to ${address.toString(16)}`);
    return { kind: "deed", block, index };
  }

  private takeStores(
    block: Block,
    deeds: number,
    address: number,
    makers: (Maker | undefined)[],
    open: Set<number>,
  ): void {
    for (const index of [...open]) {
      const at = block.deeds
        .slice(0, deeds)
        .findLastIndex(({ stores }) => stores.some((store) => holds(store, address + index)));
      if (at < 0) continue;
      makers[index] = { kind: "deed", block, index: at };
      open.delete(index);
    }
  }
}

export interface CarriedRow {
  readonly address: number;
  readonly bytes: number;
  readonly carried: Carried;
}

interface StoreRow extends Place {
  readonly by: Extract<Probed, { type: "memory/stored" }>["by"];
  readonly hart: number;
  readonly address: number;
  readonly bytes: number;
  readonly carried: Carried | undefined;
}

const storeListener = (stores: NonNullable<Probes["stores"]>): Listener<StoreRow> => ({
  probes: { stores },
  told: (machine: Machine, icount: number, probed: Probed) => {
    if (probed.type !== "memory/stored") return undefined;
    const { by, address, bytes, carried } = probed;
    return { seq: machine.position.seq, icount, by, hart: machine.hart, address, bytes, carried };
  },
});

function* overlap(row: StoreRow, address: number, open: ReadonlySet<number>): Generator<number> {
  for (const index of open) {
    if (address + index >= row.address && address + index < row.address + row.bytes) yield index;
  }
}

const holds = ({ addresses, isDevice }: Deed["stores"][number], address: number): boolean =>
  !isDevice && addresses.includes(address);

const trapped = writtenByTraps();
const probes = new Map<RegisterKey, Probes>();

/** Always the same ones for a register, so that an engine need not decode its code anew. */
function probesFor(key: RegisterKey): Probes {
  let found = probes.get(key);
  if (found === undefined) {
    const encodings: EncodingFilter = (raw) => mayWrite(raw).has(key);
    found = { encodings, traps: trapped.has(key) };
    probes.set(key, found);
  }
  return found;
}
