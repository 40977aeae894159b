/**
 * The value of a function of a machine's memory at every instant. The function is called only where a place is about to
 * be written that it read when it was called last.
 */
import { bytesOfInteger } from "../../../machine/little-endian.js";
import type { Probed, Probes } from "../../../machine/engine/probes.js";
import { MAX_PROBES } from "../../../machine/engine/probes.js";
import { Ranges } from "../../../machine/engine/ranges.js";
import { CSRS } from "../../../machine/hart/csr.js";
import type { Inspected } from "../../../machine/inspect.js";
import type { Machine } from "../../../machine/machine.js";
import type { BytesAt } from "../../../machine/overlaid.js";
import { isSameValue } from "./same-value.js";
import { ReadPlaces, trackedView, unlooked, type Look } from "./tracked-view.js";

/** Who made a change: an instruction or an event. Its parts are one change, of which the last value counts. */
export interface Maker {
  readonly seq: number;
  readonly icount: number;
  readonly hart: number;
  readonly pc: bigint | undefined;
}

export interface ValueChange<By, Value> {
  readonly by: By;
  readonly before: Value;
  readonly value: Value;
}

/** Places that are watched though they are not read any more, for each that is: re-arming costs more than a call. */
const KEPT_PLACES_A_READ = 4;
const LEAST_KEPT_PLACES = 64;

const SATP = [...CSRS].flatMap(([number, { name }]) => (name === "satp" ? [number] : []));

export class WatchedValue<By extends Maker, Value> {
  private value: Value;
  private readonly look: Look = unlooked();
  private readonly view: Inspected;
  private watched = new Ranges([]);
  private watchesTranslation = false;
  /** The instruction or event whose stores are being told, and the value after those that were. */
  private under: { readonly by: By; value: Value } | undefined;
  private overlays: BytesAt[] = [];
  /** What it reads now is not all watched, or is not known: it must be called once the machine stands. */
  private isStale = false;

  constructor(
    private readonly machine: Machine,
    private readonly valueOf: (seen: Inspected) => Value,
  ) {
    this.view = trackedView(machine.present, this.look);
    this.value = this.called();
    this.arm();
  }

  get present(): Value {
    return this.value;
  }

  /** Before a store, or a write to satp. Answers what the instruction or event before it changed. */
  told(by: By, probed: Probed): ValueChange<By, Value> | undefined {
    const change = this.under !== undefined && !isSame(this.under.by, by) ? this.settled() : undefined;
    if (probed.type === "memory/stored") this.willStore(by, probed);
    else if (probed.type === "csr/written") {
      this.under ??= { by, value: this.value };
      this.isStale = true;
    }
    if (this.isStale) this.machine.breakOff();
    return change;
  }

  /** The machine stands, between two instructions. `event`: what may have put another memory in place of all. */
  stands(event: By | undefined): ValueChange<By, Value> | undefined {
    if (event !== undefined) {
      this.under = { by: event, value: this.value };
      this.isStale = true;
    }
    this.overlays = [];
    if (this.isStale) {
      const value = this.called();
      if (this.under !== undefined) this.under.value = value;
      this.arm();
      this.isStale = false;
    }
    return this.settled();
  }

  private willStore(by: By, { address, bytes, value, before }: Extract<Probed, { type: "memory/stored" }>): void {
    if (value === before) return;
    this.overlays.push({ address, bytes: bytesOfInteger(value, bytes) });
    this.under ??= { by, value: this.value };
    this.under.value = this.called();
    if (!this.watchesAll()) this.isStale = true;
  }

  /** What the instruction or event changed whose stores were all told. */
  private settled(): ValueChange<By, Value> | undefined {
    const { under, value: before } = this;
    this.under = undefined;
    this.overlays = [];
    if (under === undefined || isSameValue(under.value, before)) return undefined;
    this.value = under.value;
    return { by: under.by, before, value: under.value };
  }

  private called(): Value {
    this.look.places = new ReadPlaces();
    this.look.overlays = this.overlays;
    return this.valueOf(this.view);
  }

  private watchesAll(): boolean {
    const { memory, translates } = this.look.places;
    if (translates && !this.watchesTranslation) return false;
    return memory.every(({ address, bytes }) => this.watched.covers(address, bytes));
  }

  /** Watches what was read. */
  private arm(): void {
    if (this.watchesAll()) return;
    const { memory, translates } = this.look.places;
    const most = Math.max(LEAST_KEPT_PLACES, KEPT_PLACES_A_READ * memory.length);
    const earlier = this.watched.all;
    this.watched = new Ranges(earlier.length > most ? memory : [...earlier, ...memory]);
    this.watchesTranslation ||= translates;
    const stores = this.watched.all;
    if (stores.length > MAX_PROBES)
      throw new RangeError(
        `the function reads ${String(stores.length)} places; at most ${String(MAX_PROBES)} can be watched`,
      );
    const probes: Probes = { stores, csrWrites: this.watchesTranslation ? SATP : false };
    this.machine.watch(probes);
  }
}

const isSame = (a: Maker, b: Maker): boolean =>
  a.seq === b.seq && a.icount === b.icount && a.hart === b.hart && a.pc === b.pc;
