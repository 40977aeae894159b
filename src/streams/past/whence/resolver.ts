/** Makes the nodes of a tree: finds who put a value where it is, and hands on what that was made of. */
import { integerOf } from "../../../machine/little-endian.js";
import type { Deed } from "../../../machine/dataflow/deed.js";
import { registerOf } from "../../../machine/dataflow/explain.js";
import { NONE, union, type Origins } from "../../../machine/dataflow/origins.js";
import { byteOf, type Sourced } from "../../../machine/dataflow/sourced.js";
import { inputOf, readMemory, seenBy, virtualNsOf } from "../../../machine/inspect.js";
import { disassemble } from "../../../machine/isa/disassemble.js";
import { DRAM_BASE } from "../../../machine/memory-map.js";
import { trapName } from "../query/traps.js";
import type { MachineState } from "../../../machine/state.js";
import type { Recording } from "../recording.js";
import type { Context } from "./context.js";
import { conditionsOf } from "./conditions.js";
import type { Describer } from "./describe.js";
import { copiedSource, eventAt, inputSource, loadSource } from "./device-sources.js";
import { diskSource } from "./disk-sources.js";
import { lifeAt } from "./events-back.js";
import { Exhausted, type Cut, type DeedMaker, type EventMaker, type History, type Maker } from "./history.js";
import { imageSources } from "./image-sources.js";
import { Source, type SourceRow, type SourceWays } from "./source.js";
import { partOf, spotKey, spotsOf, type MemorySpot, type RegisterSpot, type Spot } from "./spot.js";
import { eachOf, type Steps } from "./steps.js";

/** Nodes that are known, so that branches which meet share them. */
export const MAX_KNOWN_SOURCES = 1 << 14;

type Store = Deed["stores"][number];

export class Resolver implements Context {
  private readonly known = new Map<string, Source>();

  constructor(
    readonly recording: Recording,
    readonly history: History,
    readonly describer: Describer,
    private readonly maxKnown = MAX_KNOWN_SOURCES,
  ) {}

  resolve(spot: Spot, cut: Cut): Steps<Source> {
    const key = `${spotKey(spot)} ${String(cut.seq)} ${String(cut.icount)} ${String(cut.hart)} ${String(cut.deeds)}`;
    return this.once(key, () => this.foundOrUnknown(spot, cut));
  }

  storedSources(maker: DeedMaker, { value }: Store, bytes: readonly number[]): Steps<readonly Source[]> {
    return this.ofOrigins(union(...bytes.map((byte) => value.bytes[byte] ?? NONE)), maker);
  }

  /** Several spots one after the other. */
  *pieces(spots: readonly Spot[], cut: Cut): Steps<Source> {
    const [first] = spots;
    if (first === undefined) throw new Error("a place without bytes");
    const parts = yield* eachOf(spots, (spot) => this.resolve(spot, cut));
    const value = joined(spots.map(bytesOf), parts);
    return new Source(
      { ...this.row(first, value), kind: "pieces", text: `${String(parts.length)} pages` },
      { sources: () => parts },
    );
  }

  private *foundOrUnknown(spot: Spot, cut: Cut): Steps<Source> {
    try {
      return yield* this.found(spot, cut);
    } catch (fault) {
      if (!(fault instanceof Exhausted)) throw fault;
      const text = `not found in the ${String(this.history.ranInsns)} instructions that were run so far: allow more`;
      return new Source({ ...this.row(spot, 0n), kind: "unknown", text });
    }
  }

  private *found(spot: Spot, cut: Cut): Steps<Source> {
    switch (spot.kind) {
      case "register":
        return yield* this.register(spot, cut);
      case "memory":
        return yield* this.memory(spot, cut);
      case "disk":
        return yield* diskSource(this, spot, cut);
      case "load":
        return yield* loadSource(this, spot, cut);
      case "input": {
        const { state } = yield* this.history.block(cut, cut.hart);
        return inputSource(INPUTS[spot.name], inputOf(seenBy(state, cut.hart), spot.name), "");
      }
      default:
        return spot satisfies never;
    }
  }

  private *register(spot: RegisterSpot, cut: Cut): Steps<Source> {
    const { hart, key } = spot;
    const maker = yield* this.history.registerWriter(hart, key, cut);
    if (maker?.kind === "event") return yield* this.byDebugger(spot, maker);
    if (maker === undefined) return yield* this.atBeginning(spot, cut);
    const value = maker.block.deeds[maker.index]?.registers.get(key);
    if (value === undefined) throw new Error(`the deed at icount ${String(maker.block.icount)} does not write ${key}`);
    return yield* this.deed(spot, maker, value, spot.bytes);
  }

  private *memory(spot: MemorySpot, cut: Cut): Steps<Source> {
    const isRom = spot.address < DRAM_BASE;
    const makers = isRom
      ? new Array<undefined>(spot.bytes)
      : yield* this.history.memoryWriters(spot.address, spot.bytes, cut);
    const pieces = piecesOf(spot, makers);
    const [only] = pieces;
    if (only !== undefined && pieces.length === 1) return yield* this.made(only, cut);
    const parts = yield* eachOf(pieces, (piece) => this.made(piece, cut));
    return new Source(
      {
        ...this.row(
          spot,
          joined(
            pieces.map(({ spot: piece }) => piece.bytes),
            parts,
          ),
        ),
        kind: "pieces",
        text: `${String(parts.length)} makers`,
      },
      { sources: () => parts },
    );
  }

  private made({ spot, maker }: Piece, cut: Cut): Steps<Source> {
    if (maker === undefined) return this.atBeginning(spot, cut);
    if (maker.kind === "event") {
      return this.once(`${spotKey(spot)} by event ${String(maker.seq)}`, () => copiedSource(this, spot, maker));
    }
    const store = storeTo(maker, spot.address);
    const first = store.addresses.indexOf(spot.address);
    const bytes = Array.from({ length: spot.bytes }, (_, index) => first + index);
    const virtual = spot.virtual ?? (store.virtual && store.virtual + BigInt(first));
    return this.deed({ ...spot, virtual }, maker, store.value, bytes);
  }

  /** What a deed wrote: `bytes` of a value. */
  private deed(
    spot: RegisterSpot | MemorySpot,
    maker: DeedMaker,
    value: Sourced,
    bytes: readonly number[],
  ): Steps<Source> {
    const { block, index } = maker;
    const { seq, icount, hart } = block;
    return this.once(`${spotKey(spot)} by ${String(seq)} ${String(icount)} ${String(hart)} ${String(index)}`, () => {
      const origins = union(...bytes.map((byte) => value.bytes[byte] ?? NONE));
      const before: Cut = { seq, icount, hart, deeds: index };
      const number = integerOf(Uint8Array.from(bytes, (byte) => byteOf(value.value, byte)));
      const ways: SourceWays = {
        sources: () => this.ofOrigins(origins, maker),
        addresses: () => this.ofOrigins(value.addresses, maker),
        conditions: () => this.conditions(value.conditions, maker),
        replaced: () => eachOf([spot], (one) => this.resolve(one, before)),
      };
      return new Source({ ...this.row(spot, number), ...this.deedRow(maker, origins) }, ways);
    });
  }

  ofOrigins(origins: Origins, { block: { seq, icount, hart }, index }: DeedMaker): Steps<readonly Source[]> {
    return eachOf(spotsOf(origins, hart), (spot) => this.resolve(spot, { seq, icount, hart, deeds: index }));
  }

  private *conditions(own: Origins, maker: DeedMaker): Steps<readonly Source[]> {
    return [...(yield* this.ofOrigins(own, maker)), ...(yield* conditionsOf(this, maker))];
  }

  deedRow({ block, index }: DeedMaker, origins: Origins): Omit<SourceRow, "place" | "value"> {
    const deed = block.deeds[index] as Deed;
    const { seq, icount } = block.state.position;
    const isTrap = deed.kind !== "instruction";
    return {
      kind: isTrap ? "trap" : origins.size === 0 ? "constant" : "instruction",
      at: { seq, icount, ns: virtualNsOf(block.state) },
      hart: block.hart,
      who: this.describer.who(block.hart),
      pc: deed.pc,
      function: this.describer.functionAt(deed.pc),
      line: this.describer.lineAt(deed.pc),
      text: isTrap ? trapName(deed.cause ?? 0n) : disassemble(deed.raw ?? 0),
    };
  }

  /** Nobody wrote it since the machine's life began. */
  private *atBeginning(spot: RegisterSpot | MemorySpot, { seq }: Cut): Steps<Source> {
    const life = lifeAt(this.recording, seq);
    const state = yield* this.recording.stepsTo({ ...life });
    const { start } = this.recording.log;
    const isStart = life.seq === start.seq && (start.seq > 0 || start.icount > 0);
    if (spot.kind === "memory") {
      const bytes = readMemory(state, BigInt(spot.address), spot.bytes) ?? new Uint8Array();
      const row = this.row(spot, integerOf(bytes));
      if (isStart) return new Source({ ...row, kind: "start", text: "the recording begins with it" });
      return imageSources(this.recording, spot, row, life);
    }
    const row = this.registerRow(spot, state);
    return new Source(
      isStart
        ? { ...row, kind: "start", text: "the recording begins with it" }
        : { ...row, kind: "reset", text: "as it is at reset" },
    );
  }

  /** What a debugger wrote into a register. */
  private *byDebugger(spot: RegisterSpot, maker: EventMaker): Steps<Source> {
    const { seq, icount, ns, type } = eventAt(this, maker.seq);
    const state = yield* this.recording.stepsTo({ seq });
    return new Source({ ...this.registerRow(spot, state), kind: "event", at: { seq, icount, ns }, text: type });
  }

  private registerRow(spot: RegisterSpot, state: MachineState): SourceRow {
    const whole = registerOf(state, spot.hart, spot.key);
    const value = integerOf(Uint8Array.from(spot.bytes, (byte) => byteOf(whole, byte)));
    return { ...this.row(spot, value), hart: spot.hart, who: this.describer.who(spot.hart) };
  }

  private row(spot: Spot, value: bigint): SourceRow {
    const place = this.describer.place(spot);
    const nobody = { at: undefined, hart: undefined, pc: undefined, function: undefined, line: undefined };
    return { kind: "unknown", place, value, text: "", ...nobody };
  }

  *once(key: string, make: () => Source | Steps<Source>): Steps<Source> {
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const made = make();
    const source = made instanceof Source ? made : yield* made;
    // Two who ask in turns may both have looked for it.
    const other = this.known.get(key);
    if (other !== undefined) return other;
    if (this.known.size >= this.maxKnown) this.known.clear();
    this.known.set(key, source);
    return source;
  }
}

const INPUTS = {
  hartId: "hart id",
  interruptLines: "interrupt lines",
  icount: "instructions retired",
  instret: "instructions retired by the hart",
  virtualNs: "virtual clock, ns",
  mtimeOffset: "offset of mtime",
} as const;

interface Piece {
  readonly spot: MemorySpot;
  readonly maker: Maker | undefined;
}

/** Neighbouring bytes of one maker are one piece. */
function piecesOf(spot: MemorySpot, makers: readonly (Maker | undefined)[]): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let from = 0; from < spot.bytes;) {
    const maker = makers[from];
    let until = from + 1;
    while (until < spot.bytes && isSame(maker, makers[until], until - from, spot.address + from)) until += 1;
    pieces.push({ spot: partOf(spot, from, until - from), maker });
    from = until;
  }
  return pieces;
}

function isSame(a: Maker | undefined, b: Maker | undefined, distance: number, address: number): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.kind === "deed") {
    if (b.kind !== "deed" || a.block !== b.block || a.index !== b.index) return false;
    const store = storeTo(a, address);
    return (
      storeTo(b, address + distance) === store &&
      store.addresses.indexOf(address + distance) === store.addresses.indexOf(address) + distance
    );
  }
  if (b.kind !== "event" || a.seq !== b.seq || a.carried?.kind !== b.carried?.kind) return false;
  if (a.carried === undefined || b.carried === undefined) return true;
  // What a device made itself lies before the message that it copies.
  const isAcross = a.carried.kind === "message" && a.carried.offset < 0 && b.carried.offset >= 0;
  return !isAcross && b.carried.offset === a.carried.offset + distance;
}

function storeTo({ block, index }: DeedMaker, address: number): Store {
  const store = block.deeds[index]?.stores.findLast(
    ({ addresses, isDevice }) => !isDevice && addresses.includes(address),
  );
  if (store === undefined)
    throw new Error(`nothing is stored to ${address.toString(16)} at icount ${String(block.icount)}`);
  return store;
}

const bytesOf = (spot: Spot): number => (spot.kind === "memory" || spot.kind === "disk" ? spot.bytes : 0);

const joined = (bytes: readonly number[], parts: readonly Source[]): bigint => {
  let shift = 0n;
  let value = 0n;
  parts.forEach((part, index) => {
    value |= part.value << shift;
    shift += BigInt(8 * (bytes[index] ?? 0));
  });
  return value;
};
