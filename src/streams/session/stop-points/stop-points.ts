/** The stop points of a debugger: which there are, and which one the guest has come to. */
import type { Probed, Probes } from "../../../machine/engine/probes.js";
import type { Machine } from "../../../machine/machine.js";
import type { KeptState } from "../../past/kept-states.js";
import { mayBeWritten } from "../../past/query/may-be-written.js";
import { afterStore } from "./after-store.js";
import { MAX_STOP_POINTS, type NewStopPoint, type StopKind, type StopPoint } from "./stop-point.js";

/** What stopped a run. */
export interface Hit {
  readonly point: StopPoint;
  /** Whose turn it was. */
  readonly hart: number;
  /** Of a store: what was there, and what is now, of the bytes that were stored. */
  readonly before?: bigint | undefined;
  readonly value?: bigint | undefined;
  /** Who stored or loaded: a device does so between two instructions. */
  readonly by?: Extract<Probed, { by: string }>["by"] | undefined;
  /** Of an instruction that was reached. */
  readonly pc?: bigint;
  /** Of a trap, as xcause and xtval get them. */
  readonly trap?: { readonly cause: bigint; readonly trapValue: bigint };
}

const STORES: readonly StopKind[] = ["watch", "awatch"];
const ACCESSES: readonly StopKind[] = ["awatch"];
const LOADS: readonly StopKind[] = ["rwatch", "awatch"];

/** There is no room for another one. */
export class StopPointError extends Error {
  override readonly name = "StopPointError";
  readonly code = "NO_ROOM";
}

export class StopPoints {
  private readonly points: StopPoint[] = [];
  private steps: readonly StopPoint[] = [];
  private both: readonly StopPoint[] = [];
  private made = 0;
  /** Where it last stopped for a trap: the same is taken when it goes on. */
  trappedAt: number | undefined;

  get all(): readonly StopPoint[] {
    return this.points;
  }

  /** Where a step that is under way is to end: nobody set them, and nobody is shown them. */
  set passing(steps: readonly StopPoint[]) {
    this.steps = steps;
    this.changed();
  }

  /** @throws {StopPointError} where there are too many */
  add(point: NewStopPoint): StopPoint {
    if (this.points.length === MAX_STOP_POINTS) {
      throw new StopPointError(`there are ${String(MAX_STOP_POINTS)} already: delete some`);
    }
    const added = { ...point, number: (this.made += 1), hits: 0 };
    this.points.push(added);
    this.changed();
    return added;
  }

  /** False: there is none of that number. */
  remove(number: number): boolean {
    const at = this.points.findIndex((point) => point.number === number);
    if (at >= 0) this.points.splice(at, 1);
    this.changed();
    return at >= 0;
  }

  clear(): void {
    this.points.length = 0;
    this.changed();
  }

  /** What is set goes before a step's: it says why the machine stands. */
  private changed(): void {
    this.both = [...this.points, ...this.steps];
  }

  /** Whether one of them is of memory. */
  get areWatching(): boolean {
    return this.points.some(({ kind }) => kind !== "break");
  }

  /** What an engine must tell for them. */
  get probes(): Probes {
    const rangesOf = (kinds: readonly StopKind[]): StopPoint["ranges"] =>
      this.both.filter(({ kind }) => kinds.includes(kind)).flatMap(({ ranges }) => ranges);
    return {
      stores: rangesOf(STORES),
      loads: rangesOf(LOADS),
      arrivals: rangesOf(["break"]).map(({ address }) => address),
      pageOffsets: this.both.flatMap(({ unmapped = [] }) => unmapped.map((address) => Number(address & 0xfffn))),
      traps: this.both.some(({ kind }) => kind === "trap"),
    };
  }

  /**
   * Whether a machine on its way from one state to another can come to one of them. That of stores, pages tell; and
   * nothing tells which instructions it executes.
   */
  mayBeHit(before: KeptState, after: KeptState): boolean {
    return this.both.some(({ kind, ranges }) => kind !== "watch" || mayBeWritten(ranges, before, after));
  }

  /** What was told by the machine of a probe: the stop point that it is of, if its condition holds there. */
  hitBy(machine: Machine, probed: Probed, isWanted: (point: StopPoint) => boolean = () => true): Hit | undefined {
    const isThere = matcherOf(machine, probed);
    if (isThere === undefined) return undefined;
    // A condition is of what a store makes, and a machine stands behind it.
    const seen = probed.type === "memory/stored" ? afterStore(machine.present, probed) : machine.present;
    const { presentIcount, hart } = machine;
    const isHit = (one: StopPoint): boolean => isThere(one) && isWanted(one) && one.isMet(seen, presentIcount);
    const point = this.both.find(isHit);
    if (point === undefined) return undefined;
    const by = "by" in probed ? probed.by : undefined;
    if (probed.type === "memory/stored") return { point, hart, by, before: probed.before, value: probed.value };
    if (probed.type === "trap/taken")
      return { point, hart, trap: { cause: probed.cause, trapValue: probed.trapValue } };
    return probed.type === "instruction/reached" ? { point, hart, pc: machine.whereabouts.pc } : { point, hart, by };
  }
}

function matcherOf(machine: Machine, probed: Probed): ((point: StopPoint) => boolean) | undefined {
  switch (probed.type) {
    case "instruction/reached": {
      const { pc } = machine.whereabouts;
      return ({ kind, addresses }) => kind === "break" && addresses.includes(pc);
    }
    case "memory/stored": {
      // As gdb's: watch is of what changes, awatch of any access.
      const kinds = probed.before === probed.value ? ACCESSES : STORES;
      return ({ kind, ranges }) => kinds.includes(kind) && overlap(ranges, probed);
    }
    case "memory/loaded":
      return ({ kind, ranges }) => LOADS.includes(kind) && overlap(ranges, probed);
    case "trap/taken":
      return ({ causes }) => causes?.has(probed.cause) === true;
    default:
      return undefined;
  }
}

const overlap = (
  ranges: StopPoint["ranges"],
  { address, bytes }: { readonly address: number; readonly bytes: number },
): boolean => ranges.some((range) => range.address < address + bytes && address < range.address + range.bytes);
